"""What logs in to mailboxes and mail servers, sealed: AES-256-GCM, bound to its tenant and row.

Who copies a sealed secret to another row, or reads the database without a key of `CASEWRIGHT_SECRET_KEYS`, has nothing.
A sealed secret begins with its form and the name of its key, so that the key need not be guessed:
form (1 byte), name of the key (4), nonce (12), what AES-GCM makes of the text (NIST SP 800-38D).
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

_FORM = b"\x01"
_NAME_BYTES = 4
_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """None of the keys opens it: its key was taken away, or it is another row's. Its text says nothing."""


class NoSecretKeys(Exception):
    """Nothing can be sealed: `CASEWRIGHT_SECRET_KEYS` is empty."""


class Secrets:
    """The first of the keys seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_name_of(key): AESGCM(key) for key in keys}
        self._first = _name_of(keys[0]) if keys else None

    @classmethod
    def of(cls, setting: SecretStr | None) -> Self:
        """By the keys of the settings, base64 of 32 bytes each with commas between them; without any it opens
        nothing."""
        return cls([base64.b64decode(each) for each in setting.get_secret_value().split(",")] if setting else [])

    def __repr__(self) -> str:
        return "Secrets(...)"

    @property
    def can_seal(self) -> bool:
        """Whether there is a key."""
        return self._first is not None

    def seal(self, tenant_id: UUID, row_id: UUID, text: str) -> bytes:
        """The text for this row's column. Raises NoSecretKeys."""
        if self._first is None:
            raise NoSecretKeys
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[self._first].encrypt(nonce, text.encode(), _bound_to(tenant_id, row_id))
        return _FORM + self._first + nonce + sealed

    def open(self, tenant_id: UUID, row_id: UUID, sealed: bytes) -> str:
        """The text again. Raises SecretUnreadable."""
        name, rest = sealed[1 : 1 + _NAME_BYTES], sealed[1 + _NAME_BYTES :]
        key = self._keys.get(name)
        if key is None or not sealed.startswith(_FORM):
            raise SecretUnreadable
        try:
            return key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound_to(tenant_id, row_id)).decode()
        except (InvalidTag, ValueError):
            raise SecretUnreadable from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it is sealed by the key that seals today."""
        return sealed[: 1 + _NAME_BYTES] == _FORM + (self._first or b"")


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"casewright secret key\0" + key).digest()[:_NAME_BYTES]


def _bound_to(tenant_id: UUID, row_id: UUID) -> bytes:
    return tenant_id.bytes + row_id.bytes
