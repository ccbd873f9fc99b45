"""Which quote requests a caller may see, and what is read of them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.files.attachments import attached_files
from api.http.problems import not_found
from api.identity.callers import Caller
from api.quote_requests.schemas import QuoteRequestView
from api.quotes.views import visible as visible_quotes
from domain.people.permissions import Permission
from models.quote_requests import QuoteRequest, QuoteRequestFile, QuoteRequestProduct
from models.quotes import Quote


def visible(caller: Caller) -> sa.Select[QuoteRequest]:
    """The requests that the caller may see: the tenant's, or those of its own customer."""
    query = sa.select(QuoteRequest).where(
        col(QuoteRequest.tenant_id) == caller.tenant_id, col(QuoteRequest.version) > 0
    )
    if not caller.may(Permission.QUOTES_READ_ALL):
        query = query.where(col(QuoteRequest.customer_id) == caller.customer_id)
    return query


async def find(session: AsyncSession, caller: Caller, request_id: UUID) -> QuoteRequest:
    """The request, as the caller may see it. Raises 404."""
    request = await session.scalar(visible(caller).where(col(QuoteRequest.id) == request_id))
    if request is None:
        raise not_found("quote request")
    return request


async def views_of(session: AsyncSession, caller: Caller, requests: list[QuoteRequest]) -> list[QuoteRequestView]:
    """The requests with their products and files. A quote that the caller may not see yet is not named."""
    ids = [request.id for request in requests]
    products = await session.execute(
        sa.select(col(QuoteRequestProduct.request_id), col(QuoteRequestProduct.product_id))
        .where(col(QuoteRequestProduct.request_id).in_(ids))
        .order_by(col(QuoteRequestProduct.position))
    )
    files = await attached_files(session, QuoteRequestFile, "request_id", ids)
    named = {request.quote_id for request in requests if request.quote_id}
    seen = set(
        await session.scalars(visible_quotes(caller).with_only_columns(col(Quote.id)).where(col(Quote.id).in_(named)))
    )
    product_ids: dict[UUID, list[UUID]] = {identity: [] for identity in ids}
    for request_id, product_id in products:
        product_ids[request_id].append(product_id)
    return [
        QuoteRequestView.model_validate(
            {
                **request.model_dump(),
                "product_ids": product_ids[request.id],
                "files": files[request.id],
                "quote_id": request.quote_id if request.quote_id in seen else None,
            }
        )
        for request in requests
    ]
