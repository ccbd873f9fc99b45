"""The door of quotes in the API: the only module of theirs that other lifecycles may import."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import field_error
from api.identity.callers import Caller
from api.quotes.contents import asked_lines
from api.quotes.schemas import MOST_LINES, LineBody, LineView, Notes, TaxView, Terms
from api.quotes.views import QUOTES
from models.quotes import Quote

__all__ = [
    "MOST_LINES",
    "LineBody",
    "LineView",
    "Notes",
    "TaxView",
    "Terms",
    "asked_lines",
    "find_quote",
    "quotes_seen_by",
]


async def quotes_seen_by(session: AsyncSession, caller: Caller, quote_ids: Collection[UUID]) -> set[UUID]:
    """Those of the quotes that the caller may see."""
    visible = QUOTES.visible(caller).with_only_columns(col(Quote.id))
    return set(await session.scalars(visible.where(col(Quote.id).in_(quote_ids))))


async def find_quote(session: AsyncSession, caller: Caller, quote_id: UUID, customer_id: UUID | None = None) -> Quote:
    """The quote that a payload names as its `quote_id`. Raises 422 for one that the caller cannot see, or that is
    another customer's than `customer_id`."""
    quote = await session.scalar(QUOTES.visible(caller).where(col(Quote.id) == quote_id))
    if quote is None:
        raise field_error("quote_id", "unknown", "There is no quote with this id.")
    if customer_id not in (None, quote.customer_id):
        raise field_error("quote_id", "other_customer", "This quote is another customer's.")
    return quote
