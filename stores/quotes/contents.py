"""Reads what a quote offers: its lines and totals, in the form that the pricing rules use."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.tax import LineAmounts, PricedLine, Totals, by_rate, gross
from models.files import StoredFile
from models.quotes import QuoteContent, QuoteDocument, QuoteLine


async def lines_of(session: AsyncSession, content_id: UUID) -> Sequence[QuoteLine]:
    """The lines of a content, in their order."""
    found = await session.scalars(
        sa.select(QuoteLine).where(col(QuoteLine.content_id) == content_id).order_by(col(QuoteLine.position))
    )
    return found.all()


def priced(line: QuoteLine) -> PricedLine:
    """The part of a line that its price is computed from."""
    return PricedLine(line.quantity, line.unit_price, line.discount_bp, line.tax_rate_bp, line.exemption)


def totals_of(content: QuoteContent, lines: Sequence[QuoteLine]) -> Totals:
    """The totals as they were stored when the content was written: later changes of the rules do not change an
    offer."""
    asked = [priced(line) for line in lines]
    amounts = [
        LineAmounts(gross(one), line.net, line.document_discount, line.tax)
        for one, line in zip(asked, lines, strict=True)
    ]
    return Totals(
        lines=tuple(amounts),
        taxes=by_rate(asked, amounts),
        subtotal=content.subtotal,
        discount=content.discount,
        taxable=content.taxable,
        tax=content.tax,
        total=content.total,
    )


async def printed_quote(
    session: AsyncSession, quote_id: UUID, content_id: UUID | None, *, sent: bool
) -> StoredFile | None:
    """The file of a content that is on paper already, None when it is not."""
    return await session.scalar(
        sa.select(StoredFile)
        .join(QuoteDocument, col(QuoteDocument.file_id) == col(StoredFile.id))
        .where(
            col(QuoteDocument.quote_id) == quote_id,
            col(QuoteDocument.content_id) == content_id,
            col(QuoteDocument.sent).is_(sent),
        )
    )
