"""Whether there is enough of what somebody wants, as it reads now: nothing is promised by it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.stock.rules import Level, OutOfStock, fitting
from models.stock import Stock
from stores.stock.claims import Wanted, counted_lines
from stores.stock.ledger import StockKey, level_of


async def require_available(session: AsyncSession, tenant_id: UUID, wanted: Sequence[Wanted]) -> None:
    """Raises Refusal `out_of_stock` for more than there is of a product that nobody may wait for, and
    `product_unknown`."""
    quantities: defaultdict[StockKey, list[int]] = defaultdict(list)
    policies: dict[StockKey, OutOfStock] = {}
    for line, key, policy in await counted_lines(session, tenant_id, wanted):
        quantities[key].append(line.quantity)
        policies[key] = policy
    if not quantities:
        return
    found = await session.scalars(
        sa.select(Stock).where(
            col(Stock.tenant_id) == tenant_id, col(Stock.product_id).in_({product_id for product_id, _ in quantities})
        )
    )
    levels = {(stock.product_id, stock.variant_id): level_of(stock) for stock in found}
    for key, pieces in quantities.items():
        fitting(levels.get(key, Level(0, 0)), pieces, policies[key])
