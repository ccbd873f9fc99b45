"""What happens to a quote, as its timeline names it."""

from enum import StrEnum


class QuoteEvent(StrEnum):
    OPENED = "opened"
    EDITED = "edited"
    SUBMITTED = "submitted"
    APPROVED_WITHIN_LIMITS = "approved_within_limits"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    RESENT = "resent"
    REMINDED = "reminded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    WITHDRAWN = "withdrawn"
    CONVERTED = "converted"
    DELETED = "deleted"


_E = QuoteEvent

SHOWN_TO_CUSTOMERS = frozenset(
    {
        *(_E.SENT, _E.RESENT, _E.REMINDED, _E.ACCEPTED, _E.DECLINED, _E.EXPIRED, _E.SUPERSEDED, _E.WITHDRAWN),
        _E.CONVERTED,
    }
)
"""What happens from the sending on."""
