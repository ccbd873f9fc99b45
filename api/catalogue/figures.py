"""Figures of the whole catalogue, for the people of the tenant."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.catalogue.schemas import StatisticsView, StockValueView
from api.catalogue.searching import is_in_stock, price_now
from models.catalogue import Product
from models.stock import Stock

_PRODUCT: sa.Table = Product.__table__  # type: ignore[attr-defined]


def is_low() -> sa.ColumnElement[bool]:
    """Whether of a stock, joined with its product, so little is available that somebody should know."""
    return (
        col(Product.stock_tracked)
        & col(Product.low_stock_level).is_not(None)
        & (col(Stock.on_hand) - col(Stock.reserved) <= col(Product.low_stock_level))
    )


async def statistics(session: AsyncSession, tenant_id: UUID) -> StatisticsView:
    """The tenant's figures of now."""

    def count(which: Any) -> Any:
        return sa.func.count().filter(which)

    mine = col(Product.tenant_id) == tenant_id
    row = (
        await session.execute(
            sa.select(
                sa.func.count(),
                count(col(Product.visible)),
                count(col(Product.featured)),
                count(price_now(_PRODUCT.c) < col(Product.unit_price)),
                count(sa.not_(is_in_stock(_PRODUCT.c))),
            )
            .select_from(Product)
            .where(mine)
        )
    ).one()
    kinds = await session.execute(
        sa.select(col(Product.kind), sa.func.count()).where(mine).group_by(col(Product.kind)).order_by(sa.text("1"))
    )
    of_product = col(Stock.product_id) == col(Product.id)
    low = await session.scalar(
        sa.select(sa.func.count()).select_from(Stock).join(Product, of_product).where(mine, is_low())
    )
    values = await session.execute(
        sa.select(col(Product.currency), sa.cast(sa.func.sum(col(Product.cost) * col(Stock.on_hand)), sa.BigInteger))
        .join(Stock, of_product)
        .where(mine, col(Product.cost).is_not(None))
        .group_by(col(Product.currency))
        .order_by(col(Product.currency))
    )
    return StatisticsView(
        products=row[0],
        visible=row[1],
        featured=row[2],
        on_sale=row[3],
        out_of_stock=row[4],
        by_kind={str(kind): number for kind, number in kinds},
        low_stock=low or 0,
        stock_value=[StockValueView(currency=currency, cost=cost) for currency, cost in values],
    )
