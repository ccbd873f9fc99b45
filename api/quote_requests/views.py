"""Which quote requests a caller may see, and what is read of them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.reader import Cases
from api.files.attachments import attached_files
from api.http.payloads import EventView
from api.identity.callers import Caller
from api.quote_requests.schemas import QuoteRequestView
from api.quotes.door import quotes_seen_by
from domain.cases import CaseKind
from domain.people.permissions import Permission
from domain.quote_requests.rules import QuoteRequestEvent
from models.quote_requests import QuoteRequest, QuoteRequestFile, QuoteRequestProduct


def _redact(event: EventView) -> None:
    """Customers do not see a quote that is not theirs to see yet."""
    event.changes.pop("quote_id", None)


async def _views(session: AsyncSession, caller: Caller, requests: Sequence[QuoteRequest]) -> list[QuoteRequestView]:
    """The requests with their products and files. A quote that the caller may not see yet is not named."""
    ids = [request.id for request in requests]
    products = await session.execute(
        sa.select(col(QuoteRequestProduct.request_id), col(QuoteRequestProduct.product_id))
        .where(col(QuoteRequestProduct.request_id).in_(ids))
        .order_by(col(QuoteRequestProduct.position))
    )
    files = await attached_files(session, QuoteRequestFile, "request_id", ids)
    named = {request.quote_id for request in requests if request.quote_id}
    seen = await quotes_seen_by(session, caller, named)
    product_ids: dict[UUID, list[UUID]] = {identity: [] for identity in ids}
    for request_id, product_id in products:
        product_ids[request_id].append(product_id)

    def view(request: QuoteRequest) -> QuoteRequestView:
        quote_id = request.quote_id if request.quote_id in seen else None
        read = {"product_ids": product_ids[request.id], "files": files[request.id], "quote_id": quote_id}
        return QuoteRequestView.model_validate(request.model_dump() | read)

    return [view(request) for request in requests]


QUOTE_REQUESTS = Cases(
    CaseKind.QUOTE_REQUEST,
    QuoteRequest,
    at="/quote-requests/{}",
    read_all=Permission.QUOTES_READ_ALL,
    shown=frozenset(QuoteRequestEvent),
    redact=_redact,
    views=_views,
)


def owns_request_file(caller: Caller, file_id: UUID) -> sa.ColumnElement[bool]:
    """Whether the file came with a request that the caller may read."""
    if not caller.may(Permission.QUOTES_READ):
        return sa.false()
    its_own = col(QuoteRequestFile.request_id) == col(QuoteRequest.id)
    files = QUOTE_REQUESTS.visible(caller).join(QuoteRequestFile, its_own)
    return files.where(col(QuoteRequestFile.file_id) == file_id).exists()
