"""The tokens that the API gives and takes: access and refresh tokens, and those that came by mail."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.people.accounts import TokenPurpose
from stores.bookings.links import AUDIENCE as BOOKING_LINK
from stores.quotes.links import AUDIENCE as QUOTE_LINK
from stores.signed_tokens import InvalidToken, SignedTokens

ACCESS_LIFETIME = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=30)
"""How long a session lasts at most: then the password is needed again, however often the session was continued."""

_ACCESS, _REFRESH = "access", "refresh"


@dataclass(frozen=True)
class AccessClaims:
    """Whom an access token speaks for, in which tenant, and the session it came from."""

    account_id: UUID
    tenant_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class RefreshClaims:
    """Which refresh token it is, of which account's session."""

    token_id: UUID
    account_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class MailedClaims:
    """Which mailed token it is, for what, and whom it was mailed to."""

    purpose: TokenPurpose
    token_id: UUID
    account_id: UUID
    tenant_id: UUID


@dataclass(frozen=True)
class QuoteClaims:
    """Which quote of which tenant the holder of the link may answer."""

    tenant_id: UUID
    quote_id: UUID


@dataclass(frozen=True)
class BookingClaims:
    """Which booking of which tenant the holder of the link may move."""

    tenant_id: UUID
    booking_id: UUID


class Tokens:
    """Every `read_` raises InvalidToken for what is not ours, and ExpiredToken for what was."""

    def __init__(
        self,
        private_key_pem: str,
        *,
        earlier_public_keys: str = "",
        link_private_key_pem: str | None = None,
        earlier_link_public_keys: str = "",
    ) -> None:
        """Logins are signed with the first key, what is mailed with that of links; each also reads what its earlier
        ones have signed. Raises ValueError for what is not an Ed25519 key in PEM."""
        self._signed = SignedTokens(private_key_pem, earlier_public_keys)
        # Mails from before links had a key of their own were signed with the key of logins, so links are read by
        # either. A login is never read by the key of links: the worker has that key, and must not be able to sign
        # logins.
        self._links = SignedTokens(
            link_private_key_pem or private_key_pem, earlier_link_public_keys + self._signed.public_keys
        )
        self._fingerprint_key = hashlib.sha256(private_key_pem.encode()).digest()

    def fingerprint(self, content: bytes) -> str:
        """A digest that nobody can try contents against without our key (HMAC-SHA256, RFC 2104)."""
        return hmac.digest(self._fingerprint_key, content, "sha256").hex()

    def issue(self, claims: AccessClaims, *, within: datetime) -> tuple[str, int]:
        """An access token, and in how many seconds it expires: after `ACCESS_LIFETIME`, but `within` its session."""
        now = datetime.now(UTC)
        payload = {
            "sub": str(claims.account_id),
            "tid": str(claims.tenant_id),
            "sid": str(claims.session_id),
            "jti": str(uuid7()),
        }
        expires_at = min(now + ACCESS_LIFETIME, within)
        token = self._signed.sign(_ACCESS, payload, at=now, expires_at=expires_at)
        return token, int((expires_at - now).total_seconds())

    def read(self, token: str) -> AccessClaims:
        """The claims of an access token."""
        payload = self._signed.read(_ACCESS, token, ("sub", "tid", "sid"))
        return AccessClaims(_id(payload, "sub"), _id(payload, "tid"), _id(payload, "sid"))

    def read_or_none(self, token: str) -> AccessClaims | None:
        """As `read`, None for what is not good or no longer."""
        try:
            return self.read(token)
        except InvalidToken:
            return None

    def issue_refresh(self, claims: RefreshClaims, expires_at: datetime) -> str:
        """A refresh token."""
        payload = {"sub": str(claims.account_id), "sid": str(claims.session_id), "jti": str(claims.token_id)}
        return self._signed.sign(_REFRESH, payload, at=datetime.now(UTC), expires_at=expires_at)

    def read_refresh(self, token: str) -> RefreshClaims:
        """The claims of a refresh token."""
        payload = self._signed.read(_REFRESH, token, ("sub", "sid", "jti"))
        return RefreshClaims(_id(payload, "jti"), _id(payload, "sub"), _id(payload, "sid"))

    def read_mailed(self, token: str, *purposes: TokenPurpose) -> MailedClaims:
        """The claims of a token that was mailed for one of the purposes."""
        payload = self._links.read(purposes, token, ("sub", "tid", "jti"))
        return MailedClaims(TokenPurpose(payload["aud"]), _id(payload, "jti"), _id(payload, "sub"), _id(payload, "tid"))

    def read_quote(self, token: str, *, late: bool = False) -> QuoteClaims:
        """The claims of a link to a quote, also when it is `late`."""
        payload = self._links.read(QUOTE_LINK, token, ("sub", "tid"), late=late)
        return QuoteClaims(_id(payload, "tid"), _id(payload, "sub"))

    def read_booking(self, token: str) -> BookingClaims:
        """The claims of a link to a booking."""
        payload = self._links.read(BOOKING_LINK, token, ("sub", "tid"))
        return BookingClaims(_id(payload, "tid"), _id(payload, "sub"))


def _id(payload: dict[str, Any], claim: str) -> UUID:
    try:
        return UUID(payload[claim])
    except (ValueError, TypeError, AttributeError):
        raise InvalidToken from None
