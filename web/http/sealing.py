"""What was sent when its session had ended: sealed in the login page for the account that wrote it, and given back as a
draft once that account has logged in."""

import base64
import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from time import time
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.identity.tokens import Tokens

SEALED_FOR = timedelta(hours=1)
AT_MOST_BYTES = 256 * 1024
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Unsent:
    """A form that was not taken: where it was posted to, the page that it stands on, and what stood in its fields."""

    path: str
    page: str
    fields: dict[str, str]


def seal(tokens: Tokens, account_id: UUID, unsent: Unsent) -> str | None:
    """The form as only the account gets it back, within an hour (AES-256-GCM, NIST SP 800-38D); None where it is too
    large to be carried by a page."""
    said = json.dumps([int(time()), unsent.path, unsent.page, unsent.fields]).encode()
    if len(said) > AT_MOST_BYTES:
        return None
    nonce = token_bytes(_NONCE_BYTES)
    return base64.urlsafe_b64encode(
        nonce + _cipher(tokens).encrypt(nonce, zlib.compress(said), account_id.bytes)
    ).decode()


def unseal(tokens: Tokens, account_id: UUID, sealed: str) -> Unsent | None:
    """The form that was sealed; None for what is not ours, another account's or too old."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        said = _cipher(tokens).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], account_id.bytes)
    except (ValueError, InvalidTag):
        return None
    at, path, page, fields = json.loads(zlib.decompress(said))
    return Unsent(path, page, fields) if time() - at <= SEALED_FOR.total_seconds() else None


def _cipher(tokens: Tokens) -> AESGCM:
    return AESGCM(bytes.fromhex(tokens.fingerprint(b"sealed forms")))
