"""The link by which somebody without an account confirms, moves and cancels a booking.

It is a signed token for this one booking, computed again whenever it is needed: no row holds it, and only mail to the
guest's own address does. It outlives the booking by a while, so that its mails still lead somewhere.
"""

from datetime import datetime, timedelta
from uuid import UUID

from stores.signed_tokens import SignedTokens

AUDIENCE = "booking"
READABLE_AFTER = timedelta(days=30)
_SIGNED_BEFORE = timedelta(days=3660)


def booking_token(tokens: SignedTokens, tenant_id: UUID, booking_id: UUID, *, ends_at: datetime) -> str:
    """The token of a booking: the same arguments give the same one."""
    claims = {"sub": str(booking_id), "tid": str(tenant_id)}
    return tokens.sign(AUDIENCE, claims, at=ends_at - _SIGNED_BEFORE, expires_at=ends_at + READABLE_AFTER)
