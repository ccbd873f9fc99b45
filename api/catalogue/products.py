"""What is checked and written when a product changes, and how one is found."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.catalogue.schemas import EditProductBody
from api.http.problems import conflict, field_error, not_found
from api.identity.callers import Caller
from domain.catalogue.products import RESERVED_SLUGS, ProductKind
from models.catalogue import Product, ProductCategory, ProductVariant
from stores.stock.ledger import stocks_for

CAN_BE_WITHOUT = frozenset(
    {"summary", "description", "category_id", "sale_price", "sale_from", "sale_until", "cost", "low_stock_level"}
)


def visible(caller: Caller) -> sa.Select[Product]:
    """The products that the caller may see: customers only those that are for sale."""
    query = sa.select(Product).where(col(Product.tenant_id) == caller.tenant_id)
    return query.where(col(Product.visible)) if caller.customer_id else query


async def find(session: AsyncSession, query: sa.Select[Product], named: UUID | str, *, lock: bool = False) -> Product:
    """The product of this id or slug among those that `query` finds. Raises 404."""
    query = query.where(col(Product.id) == named if _is_id(named) else col(Product.slug) == named)
    product: Product | None = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if product is None:
        raise not_found("product")
    return product


def _is_id(named: UUID | str) -> bool:
    try:
        return isinstance(named, UUID) or str(UUID(named)) == named.lower()
    except ValueError:
        return False


def given(body: EditProductBody) -> dict[str, Any]:
    """The columns that the body sets. Raises 422 for what a product cannot be without."""
    values = body.model_dump(exclude_unset=True)
    for name, value in values.items():
        if value is None and name not in CAN_BE_WITHOUT:
            raise field_error(name, "missing", "A product cannot be without this.")
    if body.video_urls is not None and "video_urls" in values:
        values["video_urls"] = [str(url) for url in body.video_urls]
    return values


async def check(session: AsyncSession, product: Product, values: dict[str, Any]) -> None:
    """Raises Problem when the product cannot become what `values` would make of it."""
    after = {**product.model_dump(), **values}
    if after["stock_tracked"] and after["kind"] is not ProductKind.GOODS:
        raise field_error("stock_tracked", "only_goods_have_stock", "Only of goods pieces are counted.")
    if after["sale_from"] and after["sale_until"] and after["sale_from"] >= after["sale_until"]:
        raise field_error("sale_until", "sale_never_begins", "The sale ends before it begins.")
    if after["sale_price"] is not None and after["sale_price"] >= after["unit_price"]:
        raise field_error("sale_price", "sale_price_not_lower", "In a sale it costs less than otherwise.")
    if category_id := values.get("category_id"):
        known = sa.select(col(ProductCategory.id)).where(
            col(ProductCategory.tenant_id) == product.tenant_id, col(ProductCategory.id) == category_id
        )
        if await session.scalar(known) is None:
            raise field_error("category_id", "unknown", "There is no category with this id.")
    if "sku" in values:
        await require_free_sku(session, product.tenant_id, values["sku"], product.id)
    if slug := values.get("slug"):
        taken = sa.select(col(Product.id)).where(
            col(Product.tenant_id) == product.tenant_id, col(Product.slug) == slug, col(Product.id) != product.id
        )
        if slug in RESERVED_SLUGS or await session.scalar(taken):
            raise conflict("slug_taken", "Another product has this slug.")


async def require_free_sku(session: AsyncSession, tenant_id: UUID, sku: str, own_id: UUID) -> None:
    """Raises 409 when something else that is sold has this SKU."""
    for model in (Product, ProductVariant):
        taken = sa.select(col(model.id)).where(
            col(model.tenant_id) == tenant_id, col(model.sku) == sku, col(model.id) != own_id
        )
        if await session.scalar(taken):
            raise conflict("sku_taken", "Another product has this SKU.")


async def write(session: AsyncSession, product: Product, values: dict[str, Any]) -> None:
    """Makes the product what `values` say; it has a stock as soon as its pieces are counted."""
    for name, value in values.items():
        setattr(product, name, value)
    await session.flush()
    if product.stock_tracked:
        await stocks_for(session, product.tenant_id, [(product.id, None)])
    await session.refresh(product)
