"""Answers with an invoice's PDF: the file that was printed before, or one that is printed now."""

from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from api.files.downloads import send
from api.http.problems import Problem
from api.http.services import Services
from domain.invoices.papers import InvoicePaper, PrintInvoice
from domain.invoices.rules import InvoiceStatus
from models.files import StoredFile
from models.invoices import Invoice
from stores.invoices.contents import printed_invoice
from workflows.invoices.printing import PrintInvoiceWorkflow

_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
PDF_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The paper", "content": _PDF},
    206: {"description": "The part that `Range` asks for", "content": _PDF},
    304: {"description": "The file that `If-None-Match` names"},
}


def paper_of(invoice: Invoice) -> InvoicePaper:
    """The invoice's own paper with the mark that it has now."""
    if invoice.issued_at is None:
        return InvoicePaper.DRAFT
    if invoice.status is InvoiceStatus.CANCELLED:
        return InvoicePaper.CANCELLED
    return InvoicePaper.PAID if invoice.status is InvoiceStatus.PAID else InvoicePaper.ISSUED


async def send_paper(request: Request, service: Services, invoice: Invoice, paper: InvoicePaper) -> Response:
    """One paper of an invoice. Raises 503 `document_not_ready` when printing takes too long."""
    file = await _printed(service, invoice, paper)
    if file is None and invoice.content_id:
        order = PrintInvoice(invoice.tenant_id, invoice.id, paper)
        name = f"{invoice.content_id}/{paper}"
        if await service.printer.print(PrintInvoiceWorkflow.run, order, name=name, tenant_id=invoice.tenant_id):
            file = await _printed(service, invoice, paper)
    if file is None:
        detail = "The document is not printed yet. Please try again in a moment."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "document_not_ready", detail, headers={"Retry-After": "2"})
    return await send(request, service.files, file)


async def _printed(service: Services, invoice: Invoice, paper: InvoicePaper) -> StoredFile | None:
    async with service.database.transaction(invoice.tenant_id) as session:
        return await printed_invoice(session, invoice.content_id, paper)
