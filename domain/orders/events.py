"""What happens to an order, as its timeline names it."""

from enum import StrEnum


class OrderEvent(StrEnum):
    OPENED = "opened"
    EDITED = "edited"
    VALIDATED = "validated"
    STOCK_CLAIMED = "stock_claimed"
    STOCK_ARRIVED = "stock_arrived"
    INVOICED = "invoiced"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_PAID = "invoice_paid"
    FULFILMENT_BEGUN = "fulfilment_begun"
    LINE_CALLED = "line_called"
    LINE_FULFILLED = "line_fulfilled"
    LINE_LEFT_TO_STAFF = "line_left_to_staff"
    LINE_FAILED = "line_failed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    LINE_UNDONE = "line_undone"
    INVOICE_WITHDRAWN = "invoice_withdrawn"
    INVOICE_SILENT = "invoice_silent"
    INVOICE_CANCELLED = "invoice_cancelled"
    STOCK_RELEASED = "stock_released"
    UNWOUND = "unwound"


_E = OrderEvent

SHOWN_TO_CUSTOMERS = frozenset(
    {
        _E.OPENED,
        _E.EDITED,
        _E.VALIDATED,
        _E.STOCK_CLAIMED,
        _E.STOCK_ARRIVED,
        _E.INVOICE_ISSUED,
        _E.INVOICE_PAID,
        _E.FULFILMENT_BEGUN,
        _E.LINE_FULFILLED,
        _E.DELIVERED,
        _E.CANCELLED,
        _E.INVOICE_CANCELLED,
    }
)
"""How far it has come; what went on behind it is for staff."""
