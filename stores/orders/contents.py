"""Reads what an order orders, in the form that the stock wants."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.orders.rules import OrderStatus
from domain.refusal import Refusal
from domain.tax import QUANTITY_SCALE
from models.orders import Order, OrderLine
from stores.stock.claims import Wanted


def wanted_of(lines: Sequence[OrderLine]) -> list[Wanted]:
    """What the lines want of the stock: whole pieces, of a part of one too."""
    return [
        Wanted(line.id, line.product_id, line.variant_id, whole_pieces(line.quantity))
        for line in lines
        if line.product_id
    ]


def whole_pieces(quantity: int) -> int:
    """How many pieces are taken from the stock for a quantity in thousandths."""
    return -(-quantity // QUANTITY_SCALE)


async def require_not_ordered(session: AsyncSession, quote_id: UUID, order_id: UUID | None = None) -> None:
    """Raises Refusal `quote_converted` when another order than `order_id` has come of the quote, and was not
    cancelled."""
    others = sa.exists().where(
        col(Order.quote_id) == quote_id,
        col(Order.version) > 0,
        col(Order.status) != OrderStatus.CANCELLED,
        col(Order.id) != order_id if order_id else sa.true(),
    )
    if await session.scalar(sa.select(others)):
        raise Refusal("quote_converted", "This quote has become an order.")
