"""A tenant with a product in stock, for tests of what cases do to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind
from domain.stock.rules import ClaimStatus, OutOfStock
from models.catalogue import Product, ProductVariant
from models.database import Database
from models.stock import Stock, StockClaim, StockMovement
from models.tenants import Tenant
from stores.stock import claims
from stores.stock.audit import Fault, check
from stores.stock.claims import Cause, Wanted
from stores.stock.ledger import StockKey, stocks_for

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
T = TypeVar("T")


def cause_of(case_id: UUID | None, reason: str | None = None) -> Cause:
    return Cause(CaseKind.TICKET if case_id else None, case_id, None, reason)


@dataclass(frozen=True)
class Shelf:
    """One tenant; each call is a transaction of its own. Cases are known by their ids only."""

    database: Database
    tenant_id: UUID
    stock_ids: dict[StockKey, UUID] = field(default_factory=dict)

    async def product(self, pieces: int = 0, **values: object) -> UUID:
        usual: dict[str, Any] = {"sku": str(uuid7()), "name": "Chair", "unit_price": 100, "stock_tracked": True}
        product = Product(id=uuid7(), tenant_id=self.tenant_id, currency="EUR", tax_rate_bp=0, **(usual | values))
        async with self.database.transaction(self.tenant_id) as session:
            session.add(product)
        if pieces:
            await self.receive(product.id, pieces)
        return product.id

    async def variant(self, product_id: UUID, *, own_stock: bool) -> UUID:
        variant = ProductVariant(
            id=uuid7(),
            tenant_id=self.tenant_id,
            product_id=product_id,
            position=uuid7().int % 2**31,
            sku=str(uuid7()),
            name="Red",
            own_stock=own_stock,
        )
        async with self.database.transaction(self.tenant_id) as session:
            session.add(variant)
        return variant.id

    async def backordered(self, pieces: int = 0) -> UUID:
        return await self.product(pieces, out_of_stock=OutOfStock.BACKORDER)

    async def stock_id(self, product_id: UUID, variant_id: UUID | None = None) -> UUID:
        key = (product_id, variant_id)
        if key not in self.stock_ids:
            async with self.database.transaction(self.tenant_id) as session:
                self.stock_ids.update(await stocks_for(session, self.tenant_id, [key]))
        return self.stock_ids[key]

    async def receive(self, product_id: UUID, quantity: int, variant_id: UUID | None = None) -> tuple[UUID, ...]:
        stock_id = await self.stock_id(product_id, variant_id)
        return await self.do(
            lambda session: claims.receive(session, self.tenant_id, stock_id, quantity, cause_of(None, "count"), NOON)
        )

    async def claim(self, case_id: UUID, *wanted: Wanted) -> frozenset[UUID]:
        return await self.do(lambda session: claims.claim(session, self.tenant_id, wanted, cause_of(case_id), NOON))

    async def release(self, case_id: UUID) -> tuple[UUID, ...]:
        return await self.do(
            lambda session: claims.release(session, self.tenant_id, case_id, cause_of(case_id, "undone"), NOON)
        )

    async def ship(self, case_id: UUID, *line_ids: UUID) -> None:
        await self.do(lambda session: claims.ship(session, self.tenant_id, case_id, line_ids, cause_of(case_id), NOON))

    async def take_back(self, case_id: UUID, *line_ids: UUID) -> tuple[UUID, ...]:
        return await self.do(
            lambda session: claims.take_back(session, self.tenant_id, case_id, line_ids, cause_of(case_id), NOON)
        )

    async def waiting(self, case_id: UUID) -> frozenset[UUID]:
        return await self.do(lambda session: claims.waiting(session, self.tenant_id, case_id))

    async def level(self, product_id: UUID, variant_id: UUID | None = None) -> tuple[int, int, int]:
        """On hand, reserved, waiting."""
        stock_id = await self.stock_id(product_id, variant_id)
        async with self.database.transaction(self.tenant_id) as session:
            stock = await session.get_one(Stock, stock_id)
        return stock.on_hand, stock.reserved, stock.waiting

    async def statuses(self, *line_ids: UUID) -> list[ClaimStatus | None]:
        async with self.database.transaction(self.tenant_id) as session:
            found = await session.scalars(sa.select(StockClaim).where(col(StockClaim.line_id).in_(line_ids)))
            known = {claim.line_id: claim.status for claim in found}
        return [known.get(line_id) for line_id in line_ids]

    async def state(
        self, product_ids: list[UUID], line_ids: list[UUID]
    ) -> tuple[list[tuple[int, int, int]], list[ClaimStatus]]:
        """The levels of products, and the statuses of lines, at one moment."""
        async with self.database.transaction(self.tenant_id) as session:
            stocks = {stock.product_id: stock for stock in await session.scalars(sa.select(Stock))}
            claimed = {claim.line_id: claim.status for claim in await session.scalars(sa.select(StockClaim))}
        levels = [
            (stock.on_hand, stock.reserved, stock.waiting) if (stock := stocks.get(product_id)) else (0, 0, 0)
            for product_id in product_ids
        ]
        return levels, [claimed[line_id] for line_id in line_ids]

    async def movements(self, product_id: UUID) -> list[StockMovement]:
        stock_id = await self.stock_id(product_id)
        async with self.database.transaction(self.tenant_id) as session:
            found = await session.scalars(
                sa.select(StockMovement)
                .where(col(StockMovement.stock_id) == stock_id)
                .order_by(col(StockMovement.place))
            )
            return list(found)

    async def faults(self) -> list[Fault]:
        return await self.do(check)

    async def do(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with self.database.transaction(self.tenant_id) as session:
            return await work(session)


async def new_shelf(database: Database) -> Shelf:
    """A tenant that no other test knows."""
    tenant_id = uuid7()
    async with database.transaction(tenant_id) as session:
        session.add(
            Tenant(
                id=tenant_id,
                slug=f"tenant-{tenant_id}",
                name="Test",
                locale="en",
                timezone="Europe/Paris",
                currency="EUR",
            )
        )
    return Shelf(database, tenant_id)


def line(product_id: UUID, quantity: int = 1, variant_id: UUID | None = None) -> Wanted:
    return Wanted(uuid7(), product_id, variant_id, quantity)
