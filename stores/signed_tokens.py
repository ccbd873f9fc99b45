"""Signed tokens: JWTs signed with Ed25519 (RFC 8037), each valid for one audience only (RFC 8725)."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\s*", re.DOTALL)
_ALGORITHM = "EdDSA"
_ISSUER = "casewright"


class InvalidToken(Exception):
    """The token is not one of ours, or not for this audience."""


class ExpiredToken(InvalidToken):
    """The token was one of ours, for this audience, and its time is over."""


class SignedTokens:
    """Signs with one key and reads what it or an earlier one has signed, so that a key can be replaced while what it
    has signed is still out.

    `private_key_pem` is an Ed25519 key in PKCS 8 PEM, `earlier_public_keys` any number of public ones in PEM, one after
    another. Raises ValueError for anything else.
    """

    def __init__(self, private_key_pem: str, earlier_public_keys: str = "") -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("tokens are signed with an Ed25519 key")
        self._private = key
        self._key_id = _key_id(key.public_key())
        # A token from before keys had ids does not name its key: each is tried.
        self._public = {_key_id(public): public for public in (key.public_key(), *_read_public(earlier_public_keys))}

    @property
    def public_keys(self) -> str:
        """The keys that it reads by, in PEM."""
        pems = [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in self._public.values()]
        return b"".join(pems).decode()

    def sign(self, audience: str, claims: Mapping[str, str], *, at: datetime, expires_at: datetime) -> str:
        """A token for the audience. The same arguments give the same token."""
        payload = {"iss": _ISSUER, "aud": audience, "iat": at, "exp": expires_at, **claims}
        return jwt.encode(payload, self._private, algorithm=_ALGORITHM, headers={"kid": self._key_id})

    def read(
        self, audience: str | Iterable[str], token: str, require: Iterable[str], *, late: bool = False
    ) -> dict[str, Any]:
        """The claims of a valid token, `aud` among them. Raises InvalidToken, and ExpiredToken for one of the past
        unless it may be `late`."""
        require = tuple(require)
        for key in self._keys_of(token):
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[_ALGORITHM],
                    issuer=_ISSUER,
                    audience=audience,
                    # The time of issue is not checked: the clocks of two machines differ.
                    options={"require": ["exp", "aud", *require], "verify_iat": False, "verify_exp": not late},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError:
                raise ExpiredToken from None
            except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
                raise InvalidToken from None
        raise InvalidToken

    def _keys_of(self, token: str) -> Iterable[Ed25519PublicKey]:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None
        if key_id is None:
            return self._public.values()
        return [key for ident, key in self._public.items() if ident == key_id]


def _key_id(key: Ed25519PublicKey) -> str:
    """The id of a key: its thumbprint (RFC 7638, RFC 8037)."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64(raw)}"}}'
    return _base64(hashlib.sha256(jwk.encode()).digest())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _read_public(pems: str) -> Iterator[Ed25519PublicKey]:
    for pem in _PUBLIC_KEY.findall(pems):
        key = load_pem_public_key(pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("tokens are signed with Ed25519 keys")
        yield key
    if _PUBLIC_KEY.sub("", pems).strip():
        raise ValueError("an earlier key is a public one in PEM: `openssl pkey -pubout` gives it")
