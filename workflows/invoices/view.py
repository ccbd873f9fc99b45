"""What an operator sees of an invoice in the Temporal UI."""

from datetime import datetime

from domain.invoices.rules import FINISHED, InvoiceStatus
from domain.invoices.state import InvoiceState

WAITS_FOR = {
    InvoiceStatus.DRAFT: "its author, to issue it",
    InvoiceStatus.ISSUED: "somebody to send it, and the customer to pay",
    InvoiceStatus.SENT: "the customer, to pay",
    InvoiceStatus.PARTIALLY_PAID: "the customer, to pay the rest",
    InvoiceStatus.OVERDUE: "the customer, to pay",
}


def due_as_shown_before(invoice: InvoiceState) -> datetime | None:
    """When the term of payment ends."""
    return None if invoice.status in FINISHED else invoice.due_at


def facts(invoice: InvoiceState) -> list[str]:
    """What is owed and what is to be returned, as lines of Markdown; amounts in minor units."""
    lines = [f"- **Paid** {invoice.paid_amount} of {invoice.total} minor units"]
    if invoice.status is InvoiceStatus.OVERDUE:
        lines.append(f"- **Reminders sent** {invoice.dunning_level} of {len(set(invoice.settings.dunning_days))}")
    if invoice.refund_due and not invoice.refunded_at:
        lines.append(f"- **To be returned** {invoice.refund_due} minor units")
    return lines
