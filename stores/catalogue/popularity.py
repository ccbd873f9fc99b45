"""Counts what was sold of each product, by which the catalogue sorts the popular ones."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.catalogue import Product


async def count_sold(session: AsyncSession, tenant_id: UUID, pieces: Mapping[UUID, int]) -> None:
    """Adds so many pieces to what was sold of each product; fewer than none when a sale is undone."""
    # In one order, so that two who sold the same products do not wait for each other.
    for product_id in sorted(pieces):
        await session.execute(
            sa.update(Product)
            .where(col(Product.tenant_id) == tenant_id, col(Product.id) == product_id)
            .values(popularity=sa.func.greatest(0, col(Product.popularity) + pieces[product_id]))
            .execution_options(synchronize_session=False)
        )
