"""Tokens that prove they come from us: JWTs signed with Ed25519 (RFC 8037), each for one audience only (RFC 8725)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_ALGORITHM = "EdDSA"
_ISSUER = "casewright"


class InvalidToken(Exception):
    """The token is not one of ours, or not for this audience."""


class ExpiredToken(InvalidToken):
    """The token was one of ours, for this audience, and its time is over."""


class SignedTokens:
    """Signs and reads tokens. `private_key_pem` is an Ed25519 key in PKCS 8 PEM; raises ValueError when not."""

    def __init__(self, private_key_pem: str) -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("CASEWRIGHT_JWT_PRIVATE_KEY must be an Ed25519 key")
        self._private = key
        self._public = key.public_key()

    def sign(self, audience: str, claims: Mapping[str, str], *, at: datetime, expires_at: datetime) -> str:
        """A token for the audience. The same arguments give the same token."""
        payload = {"iss": _ISSUER, "aud": audience, "iat": at, "exp": expires_at, **claims}
        return jwt.encode(payload, self._private, algorithm=_ALGORITHM)

    def read(self, audience: str | Iterable[str], token: str, require: Iterable[str]) -> dict[str, Any]:
        """The claims of a valid token, `aud` among them. Raises InvalidToken, and ExpiredToken for one of the past."""
        try:
            return jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                audience=audience,
                # When it was made says nothing about whether it is valid, and clocks of two machines differ.
                options={"require": ["exp", "aud", *require], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError:
            raise ExpiredToken from None
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None
