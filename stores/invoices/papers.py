"""Which paper goes with which mail about an invoice."""

from domain.invoices.papers import InvoicePaper

ATTACHED: dict[str, InvoicePaper] = {
    "invoice_sent": InvoicePaper.ISSUED,
    "invoice_dunning_1": InvoicePaper.ISSUED,
    "invoice_dunning_2": InvoicePaper.ISSUED,
    "invoice_dunning_3": InvoicePaper.ISSUED,
    "invoice_paid": InvoicePaper.PAID,
    "invoice_cancelled": InvoicePaper.CREDIT_NOTE,
}
