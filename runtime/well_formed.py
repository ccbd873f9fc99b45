"""Whether a setting that is text is an address or a key as it should be.

What is wrong is said without the value: it may hold a password, and ends on a screen and in logs.
"""

import base64
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr

_POSTGRES = "postgresql+psycopg"


def _database_url(secret: SecretStr) -> SecretStr:
    """The address with the driver that we use; those that hosts hand out name none."""
    url = secret.get_secret_value()
    parts = _split(url)
    named = parts and (parts.hostname or "host=" in parts.query) and len(parts.path) > 1
    if parts is None or not named or parts.scheme not in (_POSTGRES, "postgresql", "postgres"):
        raise ValueError(f"must be like {_POSTGRES}://user:password@host:5432/database, special characters as %..")
    return SecretStr(f"{_POSTGRES}:{url.partition(':')[2]}")


def _smtp_url(secret: SecretStr) -> SecretStr:
    parts = _split(secret.get_secret_value())
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must be like smtps://user:password@host:465, special characters as %..")
    return secret


def _web_address(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be like https://desk.example.com")
    return url.rstrip("/")


def _host_and_port(address: str) -> str:
    parts = _split(f"//{address}")
    if parts is None or not parts.hostname or parts.port is None or parts.path or parts.username:
        raise ValueError("must be like host:7233")
    return address


def _storage_url(url: str) -> str:
    parts = _split(url)
    if parts is None or not (parts.hostname if parts.scheme == "s3" else parts.scheme == "file" and parts.path):
        raise ValueError("must be like s3://bucket/prefix or file:///folder")
    return url


def _private_key(secret: SecretStr) -> SecretStr:
    # Most commands are given no key, and this takes longer to import than they take.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(secret.get_secret_value().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be an Ed25519 key in PEM: `openssl genpkey -algorithm ed25519` makes one")
    return secret


def _secret_keys(secret: SecretStr) -> SecretStr:
    keys = [each.strip() for each in secret.get_secret_value().split(",")]
    try:
        lengths = {len(base64.b64decode(each, validate=True)) for each in keys}
    except ValueError:
        lengths = {0}
    if lengths != {32}:
        raise ValueError("must be base64 of 32 bytes, several with commas: `openssl rand -base64 32` makes one")
    return SecretStr(",".join(keys))


def _split(url: str) -> SplitResult | None:
    """The parts of an address, or None for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if any(each.isspace() for each in url) else parts


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
StorageUrl = Annotated[str, AfterValidator(_storage_url)]
PrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]
SecretKeys = Annotated[SecretStr, AfterValidator(_secret_keys)]
