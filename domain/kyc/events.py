"""What happens to an identity check, as its timeline names it."""

from enum import StrEnum


class KycEvent(StrEnum):
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_REPLACED = "document_replaced"
    DOCUMENT_CHANGED = "document_changed"
    DOCUMENT_REMOVED = "document_removed"
    SUBMITTED = "submitted"
    RISK_SET = "risk_set"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"
    CHANGES_REMINDED = "changes_reminded"
    CHANGES_LAPSED = "changes_lapsed"
    EXPIRY_REMINDED = "expiry_reminded"
    EXPIRY_HANDLED = "expiry_handled"
    DOCUMENT_EXPIRED = "document_expired"
    EXPIRED = "expired"
    GRACE_ENDED = "grace_ended"


_E = KycEvent

SHOWN_TO_CUSTOMERS = frozenset(
    {
        *(_E.DOCUMENT_ADDED, _E.DOCUMENT_REPLACED, _E.DOCUMENT_CHANGED, _E.DOCUMENT_REMOVED, _E.SUBMITTED),
        *(_E.APPROVED, _E.REJECTED, _E.CHANGES_REQUESTED, _E.CHANGES_REMINDED, _E.CHANGES_LAPSED),
        *(_E.EXPIRY_REMINDED, _E.DOCUMENT_EXPIRED, _E.EXPIRED, _E.GRACE_ENDED),
    }
)
