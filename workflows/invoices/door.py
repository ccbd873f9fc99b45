"""The door of invoices among workflows: what other lifecycles may ask of one."""

from uuid import UUID

from domain.cases import Ask, CaseKind
from domain.invoices.rules import first_content_of
from workflows.invoices.messages import CancelInvoice, OpenInvoice


def issue(invoice_id: UUID, order_id: UUID) -> Ask:
    """Asks to open, issue and send what the same step's transaction has drawn up (`stores.invoices.drawing`)."""
    content_id = first_content_of(invoice_id)
    return Ask.of(
        CaseKind.INVOICE, invoice_id, "open", OpenInvoice, content_id=content_id, order_id=order_id, at_once=True
    )


def cancel(invoice_id: UUID, code: str) -> Ask:
    """Asks to cancel it, by a credit note when it was issued. One that is cancelled already refuses."""
    return Ask.of(CaseKind.INVOICE, invoice_id, "cancel", CancelInvoice, code=code)
