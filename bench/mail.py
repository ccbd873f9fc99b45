"""Waits until what was asked for is done with, because the cost of a request includes what comes after the answer: its
mail, and what one case asks of another."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from bench.http_connection import UnexpectedAnswer
from domain.cases import UNSENT
from domain.orders.rules import InvoiceStage, OrderStatus
from models.cases import DeliveryRow
from models.database import Database
from models.orders import Order
from stores.tenants import tenant_named

_PATIENCE_SECONDS = 60.0
_EVERY_SECONDS = 0.1
# A mail is marked as sent a moment before its workflow hears of it.
_AFTERWARDS_SECONDS = 0.2
_ON_ITS_WAY = (InvoiceStage.NONE, InvoiceStage.ASKED)


class Outbox:
    """The unsent mail of a tenant. Without a database it cannot be seen, and nobody waits for it."""

    def __init__(self, database: Database | None, slug: str) -> None:
        self._database = database
        self._slug = slug

    async def sent(self, cases: Sequence[UUID]) -> None:
        """Waits until these cases owe nobody a mail. Raises UnexpectedAnswer when that takes too long."""
        await self._until_none(col(DeliveryRow.case_id).in_(cases) & col(DeliveryRow.status).in_(UNSENT))

    async def quiet(self) -> None:
        """Waits until the tenant owes nobody a mail, and no order waits for its invoice. Raises as `sent`."""
        await self._until_none(col(Order.status) == OrderStatus.VALIDATED, col(Order.invoice).in_(_ON_ITS_WAY))
        await self._until_none(col(DeliveryRow.status).in_(UNSENT))

    async def _until_none(self, *conditions: sa.ColumnElement[bool]) -> None:
        if self._database is None:
            return
        left = sa.select(sa.func.count()).where(*conditions)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while await self._count(self._database, left):  # noqa: ASYNC110  the worker tells nobody else
                    await asyncio.sleep(_EVERY_SECONDS)
        except TimeoutError:
            raise UnexpectedAnswer("What was asked for is not done with: does a worker run?") from None
        await asyncio.sleep(_AFTERWARDS_SECONDS)

    async def _count(self, database: Database, counted: sa.Select[int]) -> int:
        async with database.transaction(await tenant_of(database, self._slug)) as session:
            return await session.scalar(counted) or 0


async def tenant_of(database: Database, slug: str) -> UUID | None:
    """The id of a tenant, None when there is none of that name."""
    async with database.transaction() as session:
        return await tenant_named(session, slug)
