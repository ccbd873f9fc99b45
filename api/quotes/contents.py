"""Writing what a quote offers, and reading it as it was written."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.money import quantity_of, thousandths
from api.http.problems import field_error
from api.quotes.schemas import LineBody, QuoteContentBody, TotalsBody, TotalsView
from domain.catalogue.products import price_at
from domain.quotes.rules import discount_given_bp, needs_approval
from domain.quotes.settings import QuoteSettings
from domain.refusal import Refusal
from domain.tax import PricedLine, Totals, price
from models.catalogue import Product
from models.quotes import QuoteContent, QuoteLine
from models.tenants import Tenant
from stores.sales import SoldLine, amounts_of, lines_of, totals_of, write

LONGEST_NAME = 200


async def write_content(
    session: AsyncSession, tenant: Tenant, quote_id: UUID, currency: str, body: QuoteContentBody, content_id: UUID
) -> QuoteContent:
    """Writes what a quote is to offer, priced; it counts once the workflow has taken it.

    Raises 422 for a product that is unknown or sold in another currency, and for amounts that cannot be.
    """
    settings = QuoteSettings.in_force(tenant.settings)
    asked, totals = await _priced(session, settings, body, currency)
    content = QuoteContent(
        id=content_id,
        tenant_id=tenant.id,
        quote_id=quote_id,
        discount_bp=body.discount_bp,
        valid_days=body.valid_days or settings.valid_days,
        notes=body.notes,
        terms=body.terms or settings.terms,
        largest_discount_bp=_largest_discount_bp(body),
        **amounts_of(totals),
    )
    await write(session, content, QuoteLine, asked, totals)
    return content


async def reckon(session: AsyncSession, tenant: Tenant, body: TotalsBody) -> TotalsView:
    """What a content would come to. Raises as `write_content`."""
    settings = QuoteSettings.in_force(tenant.settings)
    currency = body.currency or tenant.currency
    asked, totals = await _priced(session, settings, body, currency)
    lines = [
        {
            **{name: value for name, value in vars(line).items() if name != "priced"},
            **vars(line.priced),
            **vars(amounts),
            "position": place,
            "quantity": quantity_of(line.priced.quantity),
        }
        for place, (line, amounts) in enumerate(zip(asked, totals.lines, strict=True), start=1)
    ]
    return TotalsView.model_validate(
        {
            **amounts_of(totals),
            "currency": currency,
            "lines": lines,
            "discount_bp": body.discount_bp,
            "valid_days": body.valid_days or settings.valid_days,
            "terms": body.terms or settings.terms,
            "taxes": [vars(tax) for tax in totals.taxes],
            "needs_approval": needs_approval(totals.total, _largest_discount_bp(body), settings),
        }
    )


async def _priced(
    session: AsyncSession, settings: QuoteSettings, body: QuoteContentBody, currency: str
) -> tuple[list[SoldLine], Totals]:
    asked = await asked_lines(session, body.lines, currency, settings.tax_rate_bp)
    try:
        return asked, price([line.priced for line in asked], body.discount_bp)
    except Refusal as refusal:
        raise field_error("lines", refusal.code, refusal.sentence) from None


def _largest_discount_bp(body: QuoteContentBody) -> int:
    return discount_given_bp([line.discount_bp for line in body.lines], body.discount_bp)


async def read_content(session: AsyncSession, content_id: UUID | None) -> dict[str, Any]:
    """What a quote offers, by the names of its view."""
    content = await session.get_one(QuoteContent, content_id)
    lines = await lines_of(session, QuoteLine, content.id)
    totals = totals_of(content, lines)
    return {
        **content.model_dump(include={"discount_bp", "valid_days", "notes", "terms"}),
        **content.model_dump(include={"subtotal", "discount", "taxable", "tax", "total"}),
        "lines": [{**line.model_dump(), "quantity": quantity_of(line.quantity)} for line in lines],
        "taxes": [vars(tax) for tax in totals.taxes],
    }


async def asked_lines(
    session: AsyncSession, lines: Sequence[LineBody], currency: str, usual_rate_bp: int
) -> list[SoldLine]:
    """What lines are to say and how they are priced. Raises 422 for a product that is unknown or sold in another
    currency, and for what is missing."""
    products = await _products(session, lines)
    return [_asked(place, line, products, currency, usual_rate_bp) for place, line in enumerate(lines)]


async def _products(session: AsyncSession, lines: Sequence[LineBody]) -> dict[UUID, Product]:
    wanted = {line.product_id for line in lines if line.product_id}
    found = await session.scalars(sa.select(Product).where(col(Product.id).in_(wanted)))
    return {product.id: product for product in found}


def _asked(place: int, line: LineBody, products: dict[UUID, Product], currency: str, usual_rate_bp: int) -> SoldLine:
    product = products.get(line.product_id) if line.product_id else None
    if line.product_id and product is None:
        raise field_error(f"lines.{place}.product_id", "unknown", "There is no product with this id.")
    name = line.name or (product.name if product else (line.description or "")[:LONGEST_NAME])
    if not name:
        raise field_error(f"lines.{place}.name", "missing", "A line has a product or a name.")
    unit_price, rate = line.unit_price, line.tax_rate_bp
    if unit_price is None and product and product.currency != currency:
        raise field_error(
            f"lines.{place}.product_id", "currency_mismatch", "This product is sold in another currency: give a price."
        )
    if unit_price is None and product:
        unit_price = price_at(product, datetime.now(UTC))
    if unit_price is None:
        raise field_error(f"lines.{place}.unit_price", "missing", "A line without a product has a price.")
    if rate is None:
        usual = product.tax_rate_bp if product else usual_rate_bp
        rate = 0 if line.exemption else usual
    priced = PricedLine(thousandths(line.quantity), unit_price, line.discount_bp, rate, line.exemption)
    described = line.description or (product.description if product else None)
    return SoldLine(name, priced, None if described == name else described, line.product_id)
