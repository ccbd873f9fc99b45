"""Products side by side."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.catalogue.schemas import ComparedSpecificationView, ComparisonView, PublicProductView
from api.catalogue.views import product_views
from api.http.problems import field_error, not_found
from models.catalogue import Product

FEWEST, MOST = 2, 6


async def compared(
    ids: Annotated[str, Query(max_length=300, description="Two to six ids, separated by commas")],
) -> list[UUID]:
    """The products to be compared, as a dependency. Raises 422."""
    try:
        wanted = list(dict.fromkeys(UUID(each) for each in ids.split(",")))
    except ValueError:
        raise field_error("ids", "id_invalid", "These are no ids, separated by commas.") from None
    if not FEWEST <= len(wanted) <= MOST:
        raise field_error("ids", "ids_count", f"{FEWEST} to {MOST} products can be compared.")
    return wanted


Compared = Annotated[list[UUID], Depends(compared)]


async def compare(session: AsyncSession, seen: sa.Select[Product], ids: list[UUID]) -> ComparisonView:
    """These products, of those that are seen. Raises 404 when one is not among them."""
    products = {product.id: product for product in await session.scalars(seen.where(col(Product.id).in_(ids)))}
    if len(products) < len(ids):
        raise not_found("product")
    items = await product_views(session, PublicProductView, [products[each] for each in ids])
    values = [{each.name: each.value for each in item.specifications} for item in items]
    names = dict.fromkeys(name for each in values for name in each)
    return ComparisonView(
        items=items,
        specifications=[
            ComparedSpecificationView(name=name, values=[each.get(name) for each in values]) for name in names
        ],
    )
