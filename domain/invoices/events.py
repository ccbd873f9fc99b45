"""What happens to an invoice, as its timeline names it."""

from enum import StrEnum


class InvoiceEvent(StrEnum):
    OPENED = "opened"
    EDITED = "edited"
    ISSUED = "issued"
    SENT = "sent"
    PAYMENT_RECORDED = "payment_recorded"
    PAID = "paid"
    OVERDUE = "overdue"
    DUNNED = "dunned"
    DUNNING_POSTPONED = "dunning_postponed"
    HANDED_OVER = "handed_over"
    FOLLOWED_UP = "followed_up"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


_E = InvoiceEvent

SHOWN_TO_CUSTOMERS = frozenset(
    {_E.ISSUED, _E.SENT, _E.PAYMENT_RECORDED, _E.PAID, _E.OVERDUE, _E.DUNNED, _E.CANCELLED, _E.REFUNDED}
)
"""What happens from the issuing on, less what staff see to."""
