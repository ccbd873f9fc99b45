"""Pricing what is ordered, from the catalogue or from an accepted quote, and writing it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.catalogue.products import visible as visible_products
from api.http.problems import field_error
from api.identity.callers import Caller
from api.orders.schemas import OrderLineBody
from domain.catalogue.products import price_at
from domain.refusal import Refusal
from domain.tax import QUANTITY_SCALE, PricedLine, Totals, price
from models.catalogue import Product, ProductVariant
from models.orders import OrderContent, OrderLine
from stores.orders.contents import whole_pieces
from stores.quotes.door import QuotedContent
from stores.sales import SoldLine, amounts_of, as_sold, lines_of, write
from stores.stock.claims import Wanted


@dataclass(frozen=True)
class Ordered:
    """What is ordered, priced: the total is in minor units of the currency, with tax."""

    lines: Sequence[SoldLine]
    discount_bp: int
    totals: Totals
    currency: str


async def from_catalogue(session: AsyncSession, caller: Caller, lines: Sequence[OrderLineBody]) -> Ordered:
    """The lines at today's prices.

    Raises 422 for what is unknown, hidden from the caller, or sold in another currency than the rest.
    """
    variants = await _variants(session, lines)
    products = await _products(session, caller, lines, variants)
    asked = [_line(place, line, products, variants) for place, line in enumerate(lines)]
    currencies = [products[line.product_id].currency for line in asked if line.product_id]
    for place, currency in enumerate(currencies):
        if currency != currencies[0]:
            raise field_error(f"lines.{place}", "currency_mismatch", "All lines of an order are in one currency.")
    return _priced(asked, 0, currencies[0])


def from_quote(quoted: QuotedContent, currency: str) -> Ordered:
    """What was accepted, at the prices that were accepted."""
    return _priced(quoted.lines, quoted.discount_bp, currency)


def _priced(lines: Sequence[SoldLine], discount_bp: int, currency: str) -> Ordered:
    try:
        totals = price([line.priced for line in lines], discount_bp)
    except Refusal as refusal:
        raise field_error("lines", refusal.code, refusal.sentence) from None
    return Ordered(lines, discount_bp, totals, currency)


async def write_content(
    session: AsyncSession, tenant_id: UUID, order_id: UUID, content_id: UUID, ordered: Ordered, notes: str | None
) -> None:
    """Writes what is ordered; it counts once the workflow has taken it."""
    content = OrderContent(
        id=content_id,
        tenant_id=tenant_id,
        order_id=order_id,
        discount_bp=ordered.discount_bp,
        notes=notes,
        **amounts_of(ordered.totals),
    )
    await write(session, content, OrderLine, ordered.lines, ordered.totals)


async def _variants(session: AsyncSession, lines: Sequence[OrderLineBody]) -> dict[UUID, ProductVariant]:
    wanted = {line.variant_id for line in lines if line.variant_id}
    if not wanted:
        return {}
    found = await session.scalars(sa.select(ProductVariant).where(col(ProductVariant.id).in_(wanted)))
    return {variant.id: variant for variant in found}


async def _products(
    session: AsyncSession, caller: Caller, lines: Sequence[OrderLineBody], variants: dict[UUID, ProductVariant]
) -> dict[UUID, Product]:
    wanted = {line.product_id for line in lines if line.product_id} | {each.product_id for each in variants.values()}
    found = await session.scalars(visible_products(caller).where(col(Product.id).in_(wanted)))
    return {product.id: product for product in found}


def _line(
    place: int, line: OrderLineBody, products: dict[UUID, Product], variants: dict[UUID, ProductVariant]
) -> SoldLine:
    variant = variants.get(line.variant_id) if line.variant_id else None
    if line.variant_id and (variant is None or line.product_id not in (None, variant.product_id)):
        raise field_error(f"lines.{place}.variant_id", "unknown", "There is no variant with this id.")
    product = products.get(variant.product_id if variant else line.product_id)  # type: ignore[arg-type]
    if product is None or (variant and not variant.visible):
        field = "variant_id" if line.variant_id else "product_id"
        raise field_error(f"lines.{place}.{field}", "unknown", "There is no product with this id.")
    name = f"{product.name}, {variant.name}" if variant else product.name
    own = variant.unit_price if variant else None
    unit_price = price_at(product, datetime.now(UTC)) if own is None else own
    priced = PricedLine(line.quantity * QUANTITY_SCALE, unit_price, 0, product.tax_rate_bp)
    return SoldLine(name[:200], priced, product.summary, product.id, line.variant_id)


async def as_written(session: AsyncSession, content: OrderContent, currency: str) -> Ordered:
    """What a content orders already, at the prices that it was written with."""
    return _priced(as_sold(await lines_of(session, OrderLine, content.id)), content.discount_bp, currency)


def wanted_by(lines: Sequence[SoldLine]) -> list[Wanted]:
    """What the lines would want of the stock."""
    return [
        Wanted(uuid7(), line.product_id, line.variant_id, whole_pieces(line.priced.quantity))
        for line in lines
        if line.product_id
    ]
