"""The door of quotes in the database: the only module of theirs that other lifecycles may import."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.quotes.rules import QuoteStatus
from domain.refusal import Refusal
from models.quotes import Quote, QuoteContent, QuoteLine
from stores.sales import SoldLine, as_sold, lines_of


@dataclass(frozen=True)
class QuotedContent:
    """What a quote offers, as it is ordered from it."""

    discount_bp: int
    lines: Sequence[SoldLine]


async def offered(session: AsyncSession, content_id: UUID | None) -> QuotedContent:
    """What a content offers. Raises NoResultFound for one that is not there."""
    content = await session.get_one(QuoteContent, content_id)
    return QuotedContent(content.discount_bp, as_sold(await lines_of(session, QuoteLine, content.id)))


def require_accepted(status: QuoteStatus) -> None:
    """Raises Refusal `quote_not_accepted` for a quote from which nothing can be ordered."""
    if status not in (QuoteStatus.ACCEPTED, QuoteStatus.CONVERTED):
        raise Refusal("quote_not_accepted", "Only an accepted quote becomes an order.")


async def lock_accepted(session: AsyncSession, quote_id: UUID) -> None:
    """Until the transaction ends nobody else orders from the quote. Raises Refusal, as `require_accepted`."""
    quote = sa.select(col(Quote.status)).where(col(Quote.id) == quote_id).with_for_update(key_share=True)
    found = await session.scalars(quote)
    require_accepted(found.one())
