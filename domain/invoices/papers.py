"""The papers that there are of an invoice, and input and output of the activity that prints them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.invoices.state import InvoiceState


class InvoicePaper(StrEnum):
    """`paid` and `cancelled` are the invoice as it was issued, with the mark."""

    DRAFT = "draft"
    ISSUED = "issued"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True)
class PrintInvoice:
    """Which paper of which invoice to print."""

    tenant_id: UUID
    invoice_id: UUID
    paper: InvoicePaper


@dataclass(frozen=True)
class PrintedInvoice:
    """The file that holds the paper."""

    file_id: UUID


def papers_mailed(invoice: InvoiceState) -> tuple[InvoicePaper, ...]:
    """The papers that the mails of an invoice may have attached by now. They follow from what has happened, not from
    the status: a message may go out when the invoice has moved on."""
    if invoice.issued_at is None:
        return ()
    papers = [InvoicePaper.ISSUED]
    if invoice.paid_at:
        papers.append(InvoicePaper.PAID)
    if invoice.cancelled_at:
        papers.append(InvoicePaper.CREDIT_NOTE)
    return tuple(papers)
