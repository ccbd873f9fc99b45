"""What an operator sees of an order in the Temporal UI: its stage, what it waits for, what would be undone."""

from typing import Any

from temporalio.common import SearchAttributeUpdate

from domain.orders.rules import InvoiceStage, LineStatus, OrderStatus, StockStage
from domain.orders.state import OrderState
from workflows.parts.attributes import DUE_AT


def attributes(order: OrderState) -> list[SearchAttributeUpdate[Any]]:
    """An order that is to be paid first is due when it is given up."""
    due = order.pay_by if order.invoice is InvoiceStage.ISSUED and not order.unwinding else None
    return [DUE_AT.value_set(due) if due else DUE_AT.value_unset()]


def facts(order: OrderState) -> list[str]:
    """How far its parts have come, what it waits for, and what a cancellation would undo, as lines of Markdown."""
    done = [line for line in order.lines if line.status is LineStatus.FULFILLED]
    lines = [f"- **Stock** {order.stock}", f"- **Invoice** {order.invoice}"]
    if order.lines:
        lines.append(f"- **Lines fulfilled** {len(done)} of {len(order.lines)}")
    if waits := _waits_for(order):
        lines.append(f"- **Waits for** {waits}")
    if order.cancel_code:
        lines.append(f"- **Cancelled** for {order.cancel_code.replace('_', ' ')}")
    if undone := _would_be_undone(order):
        does = "Is being undone" if order.unwinding else "Would be undone"
        lines.append(f"- **{does}** {', '.join(undone)}")
    return lines


def _waits_for(order: OrderState) -> str | None:
    if order.over or order.status is OrderStatus.REQUEST:
        return None
    if order.unwinding:
        return "the answer of its invoice" if order.invoice is InvoiceStage.CANCELLING else None
    if order.stock is StockStage.WAITING:
        return "stock"
    if order.invoice is InvoiceStage.ASKED:
        return "its invoice"
    if order.payment_first and order.invoice is InvoiceStage.ISSUED:
        return "its payment"
    if order.begun:
        return "somebody to confirm the delivery" if order.fulfilled else "its lines to be fulfilled"
    return None


def _would_be_undone(order: OrderState) -> list[str]:
    touched = (LineStatus.ASKED, LineStatus.FULFILLED)
    undone = [line.name for line in order.lines if line.status in touched]
    if order.invoice in (InvoiceStage.ASKED, InvoiceStage.ISSUED, InvoiceStage.PAID, InvoiceStage.CANCELLING):
        undone.append("the invoice")
    if order.stock in (StockStage.WAITING, StockStage.RESERVED):
        undone.append("the stock")
    return [] if order.over else undone
