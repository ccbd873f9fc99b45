"""Writes and reads the lines of quotes, orders and invoices, and what they add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.tax import LineAmounts, PricedLine, Totals, by_rate, gross
from models.sales import SalesContent, SalesLine

L = TypeVar("L", bound=SalesLine)

_AMOUNTS = ("subtotal", "discount", "taxable", "tax")


@dataclass(frozen=True)
class SoldLine:
    """A line as it is to be written: what it says, and what its price is computed from."""

    name: str
    priced: PricedLine
    description: str | None = None
    product_id: UUID | None = None
    variant_id: UUID | None = None


def amounts_of(totals: Totals, besides: int = 0) -> dict[str, Any]:
    """The columns of a content that its totals fill; `besides` is what its total has on top of its lines."""
    return {**{name: getattr(totals, name) for name in _AMOUNTS}, "total": totals.total + besides}


async def write(
    session: AsyncSession, content: SalesContent, model: type[SalesLine], lines: Sequence[SoldLine], totals: Totals
) -> None:
    """Writes a content and its lines; variants only where the line's table knows of them."""
    session.add(content)
    await session.flush()
    for position, (line, amounts) in enumerate(zip(lines, totals.lines, strict=True), start=1):
        told = {name: value for name, value in vars(line).items() if name != "priced" and name in model.model_fields}
        session.add(
            model(
                id=uuid7(),
                tenant_id=content.tenant_id,
                content_id=content.id,
                position=position,
                **told,
                **vars(line.priced),
                net=amounts.net,
                document_discount=amounts.document_discount,
                tax=amounts.tax,
            )
        )
    await session.flush()


async def lines_of(session: AsyncSession, model: type[L], content_id: UUID | None) -> Sequence[L]:
    """The lines of a content, in their order."""
    found = await session.scalars(
        sa.select(model).where(col(model.content_id) == content_id).order_by(col(model.position))
    )
    return found.all()


def priced(line: SalesLine) -> PricedLine:
    """The part of a line that its price is computed from."""
    return PricedLine(line.quantity, line.unit_price, line.discount_bp, line.tax_rate_bp, line.exemption)


def as_sold(lines: Iterable[SalesLine]) -> list[SoldLine]:
    """The lines as they were written, to be written again."""
    return [
        SoldLine(line.name, priced(line), line.description, line.product_id, getattr(line, "variant_id", None))
        for line in lines
    ]


def totals_of(content: SalesContent, lines: Sequence[SalesLine]) -> Totals:
    """The totals as they were stored when the content was written, without what paying costs besides: later changes of
    the rules do not change what was said."""
    asked = [priced(line) for line in lines]
    amounts = [
        LineAmounts(gross(one), line.net, line.document_discount, line.tax)
        for one, line in zip(asked, lines, strict=True)
    ]
    stored = {name: getattr(content, name) for name in _AMOUNTS}
    return Totals(lines=tuple(amounts), taxes=by_rate(asked, amounts), total=content.taxable + content.tax, **stored)
