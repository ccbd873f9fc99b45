"""Answers with a quote's PDF: the file that was printed before, or one that is printed now."""

from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from api.files.downloads import send
from api.http.problems import Problem
from api.http.services import Services
from domain.quotes.papers import PrintQuote
from models.files import StoredFile
from models.quotes import Quote
from stores.quotes.contents import printed_quote
from workflows.quotes.printing import PrintQuoteWorkflow

_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
PDF_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The quote on paper", "content": _PDF},
    206: {"description": "The part that `Range` asks for", "content": _PDF},
    304: {"description": "The file that `If-None-Match` names"},
}


async def send_paper(request: Request, service: Services, quote: Quote) -> Response:
    """The quote as it was sent, or marked as a draft. Raises 503 `document_not_ready` when printing takes too long."""
    file = await _printed(service, quote)
    if file is None and quote.content_id:
        order = PrintQuote(quote.tenant_id, quote.id, sent=quote.sent_at is not None)
        name = f"{quote.content_id}/{'sent' if order.sent else 'draft'}"
        if await service.printer.print(PrintQuoteWorkflow.run, order, name=name, tenant_id=quote.tenant_id):
            file = await _printed(service, quote)
    if file is None:
        detail = "The document is not printed yet. Please try again in a moment."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "document_not_ready", detail, headers={"Retry-After": "2"})
    return await send(request, service.files, file)


async def _printed(service: Services, quote: Quote) -> StoredFile | None:
    async with service.database.transaction(quote.tenant_id) as session:
        return await printed_quote(session, quote.id, quote.content_id, sent=quote.sent_at is not None)
