"""Which quotes a caller may see, and what is read of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.reader import Cases, Onlooker
from api.http.problems import not_found
from api.identity.callers import Caller
from api.quotes.contents import read_content
from api.quotes.schemas import PublicQuoteView, QuoteView
from domain.cases import CaseKind
from domain.people.permissions import Permission
from domain.quotes.events import SHOWN_TO_CUSTOMERS
from models.cases import CommandRow
from models.people import Customer
from models.quotes import Quote, QuoteAnswer
from models.tenants import Tenant


def _narrowed(query: sa.Select[Quote], onlooker: Onlooker) -> sa.Select[Quote]:
    """Deleted drafts are gone for everybody; customers see what was sent to them."""
    query = query.where(col(Quote.deleted_at).is_(None))
    return query if onlooker.reads_all else query.where(col(Quote.sent_at).is_not(None))


async def _views(session: AsyncSession, caller: Caller, quotes: Sequence[Quote]) -> list[QuoteView]:  # noqa: ARG001
    return [await view_of(session, quote) for quote in quotes]


QUOTES = Cases(
    CaseKind.QUOTE,
    Quote,
    at="/quotes/{}",
    read_all=Permission.QUOTES_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    views=_views,
    narrowed=_narrowed,
)


async def view_of(session: AsyncSession, quote: Quote) -> QuoteView:
    """All of a quote."""
    content = await read_content(session, quote.content_id)
    accepted_by = await _accepted_by(session, quote)
    return QuoteView.model_validate({**content, **quote.model_dump(), "accepted_by": accepted_by})


async def _accepted_by(session: AsyncSession, quote: Quote) -> str | None:
    answer = await session.get(QuoteAnswer, quote.answer_id) if quote.answer_id else None
    return answer.name if answer else None


async def public_view_of(session: AsyncSession, quote: Quote) -> PublicQuoteView:
    """What the customer reads of a quote that was sent."""
    tenant = await session.get_one(Tenant, quote.tenant_id)
    customer = await session.get_one(Customer, quote.customer_id)
    values: dict[str, Any] = {**await read_content(session, quote.content_id), **quote.model_dump()}
    values |= {
        "company": tenant.settings.get("company", {}).get("name") or tenant.name,
        "customer": customer.name,
        "timezone": tenant.timezone,
        "accepted_by": await _accepted_by(session, quote),
    }
    return PublicQuoteView.model_validate(values)


async def read_of(session: AsyncSession, quote_id: UUID) -> QuoteView:
    """The quote as a command's answer shows it, deleted ones too."""
    quote = await session.get(Quote, quote_id)
    if quote is None:
        raise not_found("quote")
    return await view_of(session, quote)


async def read(session: AsyncSession, command: CommandRow) -> QuoteView:
    """The quote that a command was asked of."""
    if command.case_id is None:
        raise not_found("quote")
    return await read_of(session, command.case_id)


async def read_next(session: AsyncSession, command: CommandRow) -> QuoteView:
    """The next version, which a command has made."""
    return await read_of(session, UUID(command.arguments["next_quote_id"]))
