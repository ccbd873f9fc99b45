"""Which quotes a caller may see, and what is read of them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.commands import Read
from api.http.problems import not_found
from api.identity.callers import Caller
from api.quotes.contents import read_content
from api.quotes.schemas import PublicQuoteView, QuoteView
from domain.people.permissions import Permission
from models.cases import CommandRow
from models.people import Customer
from models.quotes import Quote, QuoteAnswer
from models.tenants import Tenant


def visible(caller: Caller) -> sa.Select[Quote]:
    """The quotes that the caller may see: the tenant's, or those that were sent to its own customer."""
    query = sa.select(Quote).where(
        col(Quote.tenant_id) == caller.tenant_id, col(Quote.version) > 0, col(Quote.deleted_at).is_(None)
    )
    if not caller.may(Permission.QUOTES_READ_ALL):
        query = query.where(col(Quote.customer_id) == caller.customer_id, col(Quote.sent_at).is_not(None))
    return query


async def find(session: AsyncSession, caller: Caller, quote_id: UUID) -> Quote:
    """The quote, as the caller may see it. Raises 404."""
    quote = await session.scalar(visible(caller).where(col(Quote.id) == quote_id))
    if quote is None:
        raise not_found("quote")
    return quote


async def view_of(session: AsyncSession, quote: Quote) -> QuoteView:
    """All of a quote."""
    answer = await session.get(QuoteAnswer, quote.answer_id) if quote.answer_id else None
    content = await read_content(session, quote.content_id)
    return QuoteView.model_validate({**content, **quote.model_dump(), "accepted_by": answer.name if answer else None})


async def public_view_of(session: AsyncSession, quote: Quote) -> PublicQuoteView:
    """What the customer reads of a quote that was sent."""
    tenant = await session.get_one(Tenant, quote.tenant_id)
    customer = await session.get_one(Customer, quote.customer_id)
    values: dict[str, Any] = {**await read_content(session, quote.content_id), **quote.model_dump()}
    company = tenant.settings.get("company", {}).get("name") or tenant.name
    return PublicQuoteView.model_validate({**values, "company": company, "customer": customer.name})


def reader(*, of: str | None = None) -> Read:
    """How a command's answer is read: its own quote, or the one that its argument `of` names."""

    async def view(session: AsyncSession, command: CommandRow) -> QuoteView:
        quote_id = UUID(command.arguments[of]) if of else command.case_id
        quote = await session.get(Quote, quote_id)
        if quote is None:
            raise not_found("quote")
        return await view_of(session, quote)

    return view
