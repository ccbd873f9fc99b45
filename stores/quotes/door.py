"""The door of quotes in the database: the only module of theirs that other lifecycles may import."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.quotes.rules import QuoteStatus
from domain.refusal import Refusal
from domain.tax import PricedLine
from models.quotes import Quote, QuoteContent
from stores.quotes.contents import lines_of, priced


@dataclass(frozen=True)
class QuotedLine:
    name: str
    description: str | None
    product_id: UUID | None
    priced: PricedLine


@dataclass(frozen=True)
class QuotedContent:
    """What a quote offers, as it is ordered from it."""

    discount_bp: int
    lines: Sequence[QuotedLine]


async def offered(session: AsyncSession, content_id: UUID | None) -> QuotedContent:
    """What a content offers. Raises NoResultFound for one that is not there."""
    content = await session.get_one(QuoteContent, content_id)
    lines = [
        QuotedLine(line.name, line.description, line.product_id, priced(line))
        for line in await lines_of(session, content.id)
    ]
    return QuotedContent(content.discount_bp, lines)


def require_accepted(status: QuoteStatus) -> None:
    """Raises Refusal `quote_not_accepted` for a quote from which nothing can be ordered."""
    if status not in (QuoteStatus.ACCEPTED, QuoteStatus.CONVERTED):
        raise Refusal("quote_not_accepted", "Only an accepted quote becomes an order.")


async def lock_accepted(session: AsyncSession, quote_id: UUID) -> None:
    """Until the transaction ends nobody else orders from the quote. Raises Refusal, as `require_accepted`."""
    quote = sa.select(col(Quote.status)).where(col(Quote.id) == quote_id).with_for_update(key_share=True)
    found = await session.scalars(quote)
    require_accepted(found.one())
