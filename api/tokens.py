"""Access tokens: short-lived JWTs signed with Ed25519 (RFC 8037), naming an account and the tenant it acts in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from uuid_utils.compat import uuid7

ACCESS_LIFETIME = timedelta(minutes=30)
_ALGORITHM = "EdDSA"
_ISSUER = "casewright"


class InvalidToken(Exception):
    """The token is not one of ours, or no longer valid."""


@dataclass(frozen=True)
class AccessClaims:
    """Whom a token speaks for."""

    account_id: UUID
    tenant_id: UUID


class Tokens:
    """Signs and reads access tokens. `private_key_pem` is an Ed25519 key in PKCS 8 PEM; raises ValueError when not."""

    def __init__(self, private_key_pem: str) -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("CASEWRIGHT_JWT_PRIVATE_KEY must be an Ed25519 key")
        self._private = key
        self._public = key.public_key()

    def issue(self, claims: AccessClaims) -> str:
        """A token for `claims` that expires after `ACCESS_LIFETIME`."""
        now = datetime.now(UTC)
        payload = {
            "iss": _ISSUER,
            "sub": str(claims.account_id),
            "tid": str(claims.tenant_id),
            "jti": str(uuid7()),
            "iat": now,
            "exp": now + ACCESS_LIFETIME,
        }
        return jwt.encode(payload, self._private, algorithm=_ALGORITHM)

    def read(self, token: str) -> AccessClaims:
        """The claims of a valid token. Raises InvalidToken otherwise."""
        try:
            payload = jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": ["exp", "sub", "tid"]},
            )
            return AccessClaims(UUID(payload["sub"]), UUID(payload["tid"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None
