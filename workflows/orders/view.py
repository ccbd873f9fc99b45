"""What an operator sees of an order in the Temporal UI: its stage, what it waits for, what would be undone."""

from datetime import datetime

from domain.cases import CaseKind
from domain.orders.rules import CancelCode, InvoiceStage, LineStatus, OrderStatus, StockStage
from domain.orders.state import OrderState

_TOUCHED = (LineStatus.ASKED, LineStatus.FULFILLED)

_CANCELLED_BECAUSE = {
    str(CancelCode.ASKED): "somebody asked for it",
    str(CancelCode.REJECTED): "who looked at it rejected it",
    str(CancelCode.UNPAID): "its invoice was not paid in time",
    str(CancelCode.INVOICE_CANCELLED): "its invoice was cancelled",
    str(CancelCode.LINE_FAILED): "a line could not be fulfilled",
}


def due_as_shown_before(order: OrderState) -> datetime | None:
    """When one that is to be paid first is given up."""
    return order.pay_by if order.invoice is InvoiceStage.ISSUED and not order.unwinding else None


def facts(order: OrderState) -> list[str]:
    """Its stage and what it waits for, how far its parts have come, and what a cancellation would undo, as lines of
    Markdown."""
    done = [line for line in order.lines if line.status is LineStatus.FULFILLED]
    stage, waits = _standing(order)
    invoice = f" (`{CaseKind.INVOICE}/{order.invoice_id}`)" if order.invoice_id else ""
    lines = [f"- **Stage** {stage}"] if stage else []
    if waits:
        lines.append(f"- **Waits for** {waits}")
    lines += [f"- **Stock** {_stock(order)}", f"- **Invoice** {order.invoice}{invoice}"]
    if order.lines:
        lines.append(f"- **Lines fulfilled** {len(done)} of {len(order.lines)}")
    if order.cancel_code:
        lines.append(
            f"- **Cancelled because** {_CANCELLED_BECAUSE.get(order.cancel_code, f'of `{order.cancel_code}`')}"
        )
    if undone := _to_be_undone(order):
        which = "Left to undo" if order.unwinding else "A cancellation would undo"
        lines.append(f"- **{which}** {', then '.join(undone)}")
    return lines


def _stock(order: OrderState) -> str:
    """What is claimed leaves the house with the lines that are fulfilled."""
    return "shipped" if order.stock is StockStage.RESERVED and order.lines and order.fulfilled else str(order.stock)


def _standing(order: OrderState) -> tuple[str | None, str | None]:
    """The stage that it is in, and what it waits for there; tasks for people are listed by themselves."""
    if order.over:
        return None, None
    if order.unwinding:
        return "undoing what was done", _waits_for_undoing(order)
    if order.status is OrderStatus.REQUEST:
        return "validation", None
    if order.stock is not StockStage.RESERVED:
        return "stock", "what is not in stock" if order.stock is StockStage.WAITING else None
    if order.invoice is InvoiceStage.ASKED:
        return "invoice", "its invoice to be issued"
    if order.payment_first and order.invoice is InvoiceStage.ISSUED:
        return "payment", "its invoice to be paid"
    if order.fulfilled:
        return "delivery", "somebody to confirm the delivery"
    return "fulfilment", "its lines to be fulfilled" if order.begun else None


def _waits_for_undoing(order: OrderState) -> str | None:
    if any(line.called and line.status in _TOUCHED for line in order.lines):
        return "the tenant's own system to take its lines back"
    return "its invoice to be cancelled" if order.invoice is InvoiceStage.CANCELLING else None


def _to_be_undone(order: OrderState) -> list[str]:
    undone = []
    if lines := [line.name for line in order.lines if line.status in _TOUCHED]:
        undone.append(" and ".join(lines))
    if order.invoice in (InvoiceStage.ASKED, InvoiceStage.ISSUED, InvoiceStage.PAID, InvoiceStage.CANCELLING):
        undone.append("the invoice")
    if order.stock in (StockStage.WAITING, StockStage.RESERVED):
        undone.append("the stock")
    return [] if order.over else undone
