"""What may become of an order, and how far each of its parts has come: stock, invoice, lines."""

from enum import StrEnum

from domain.cases import Party
from domain.orders.settings import OrderSettings
from domain.refusal import Refusal


class OrderStatus(StrEnum):
    REQUEST = "request"
    VALIDATED = "validated"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


_S = OrderStatus

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.REQUEST: frozenset({_S.VALIDATED, _S.CANCELLED}),
    _S.VALIDATED: frozenset({_S.IN_PROGRESS, _S.CANCELLED}),
    _S.IN_PROGRESS: frozenset({_S.DELIVERED, _S.CANCELLED}),
    _S.DELIVERED: frozenset(),
    _S.CANCELLED: frozenset(),
}

WAITS_FOR: dict[OrderStatus, Party] = {
    _S.REQUEST: Party.US,
    _S.VALIDATED: Party.CUSTOMER,
    _S.IN_PROGRESS: Party.MACHINE,
    _S.CANCELLED: Party.MACHINE,
}
"""One that is validated is to be paid. What no task asks of people is done, or undone, by other cases and systems."""

_SETTLED = {
    _S.DELIVERED: ("order_delivered", "This order has been delivered."),
    _S.CANCELLED: ("order_cancelled", "This order has been cancelled."),
}


class StockStage(StrEnum):
    """`waiting` has claimed all, and waits for what is not there yet."""

    NONE = "none"
    WAITING = "waiting"
    RESERVED = "reserved"
    RELEASED = "released"


class InvoiceStage(StrEnum):
    """`silent` was asked to be cancelled and has not answered."""

    NONE = "none"
    ASKED = "asked"
    ISSUED = "issued"
    PAID = "paid"
    CANCELLING = "cancelling"
    SILENT = "silent"
    CANCELLED = "cancelled"


class LineStatus(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    FULFILLED = "fulfilled"
    FAILED = "failed"
    UNDONE = "undone"


class CancelCode(StrEnum):
    """Why an order was cancelled, where no stage's own refusal says it."""

    ASKED = "asked"
    REJECTED = "rejected"
    UNPAID = "unpaid"
    INVOICE_CANCELLED = "invoice_cancelled"
    LINE_FAILED = "line_failed"


def transition(current: OrderStatus, to: OrderStatus) -> OrderStatus:
    """Returns `to` when an order in `current` may become it.

    Raises Refusal: `order_delivered`, `order_cancelled`, else `order_not_ready` for what comes too early.
    """
    if to in TRANSITIONS[current]:
        return to
    raise Refusal(*_SETTLED.get(current, ("order_not_ready", f"An order that is {current} cannot become {to}.")))


def needs_validation(total: int, settings: OrderSettings, *, from_quote: bool) -> bool:
    """Whether staff look at an order of this total (minor units, with tax) before anything is done for it."""
    if not from_quote:
        return settings.validate_direct
    return settings.validate_above is not None and total > settings.validate_above


def require_editable(status: OrderStatus) -> None:
    """Raises Refusal `order_not_request` unless what is ordered may still be changed."""
    if status is not _S.REQUEST:
        raise Refusal("order_not_request", "Only an order that nobody has looked at yet can be changed.")


def require_cancellable(status: OrderStatus, *, by_customer: bool) -> None:
    """Raises Refusal: `order_in_progress` for a customer who comes too late, and as `transition`."""
    transition(status, _S.CANCELLED)
    if by_customer and status is _S.IN_PROGRESS:
        raise Refusal("order_in_progress", "This order is being fulfilled: ask for its cancellation.")
