"""Reads what an invoice says: its lines and totals, in the form that the pricing rules use."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.invoices.papers import InvoicePaper
from domain.tax import LineAmounts, PricedLine, Totals, by_rate, gross
from models.files import StoredFile
from models.invoices import InvoiceContent, InvoiceDocument, InvoiceLine


async def lines_of(session: AsyncSession, content_id: UUID) -> Sequence[InvoiceLine]:
    """The lines of a content, in their order."""
    found = await session.scalars(
        sa.select(InvoiceLine).where(col(InvoiceLine.content_id) == content_id).order_by(col(InvoiceLine.position))
    )
    return found.all()


def priced(line: InvoiceLine) -> PricedLine:
    """The part of a line that its price is computed from."""
    return PricedLine(line.quantity, line.unit_price, line.discount_bp, line.tax_rate_bp, line.exemption)


def totals_of(content: InvoiceContent, lines: Sequence[InvoiceLine]) -> Totals:
    """The totals as they were stored when the content was written, without the stamp duty."""
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
        total=content.total - content.stamp_duty,
    )


async def printed_invoice(session: AsyncSession, content_id: UUID | None, paper: InvoicePaper) -> StoredFile | None:
    """The file of a paper that was printed already, None when it was not."""
    return await session.scalar(
        sa.select(StoredFile)
        .join(InvoiceDocument, col(InvoiceDocument.file_id) == col(StoredFile.id))
        .where(col(InvoiceDocument.content_id) == content_id, col(InvoiceDocument.paper) == paper)
    )
