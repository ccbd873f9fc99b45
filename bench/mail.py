"""Waits until mail is sent, because the cost of a reply includes its mail, which is sent after the answer."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from bench.http_connection import UnexpectedAnswer
from domain.cases import UNSENT
from models.cases import DeliveryRow
from models.database import Database
from stores.tenants import tenant_named

_PATIENCE_SECONDS = 60.0
_EVERY_SECONDS = 0.1
# A mail is marked as sent a moment before its workflow hears of it.
_AFTERWARDS_SECONDS = 0.2


class Outbox:
    """The unsent mail of a tenant. Without a database it cannot be seen, and nobody waits for it."""

    def __init__(self, database: Database | None, slug: str) -> None:
        self._database = database
        self._slug = slug

    async def sent(self, cases: Sequence[UUID]) -> None:
        """Waits until these cases owe nobody a mail. Raises UnexpectedAnswer when that takes too long."""
        if self._database is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while await self._unsent(self._database, cases):  # noqa: ASYNC110  the worker tells nobody else
                    await asyncio.sleep(_EVERY_SECONDS)
        except TimeoutError:
            raise UnexpectedAnswer("The mails of the replies were not sent: does a worker run?") from None
        await asyncio.sleep(_AFTERWARDS_SECONDS)

    async def _unsent(self, database: Database, cases: Sequence[UUID]) -> int:
        tenant_id = await tenant_of(database, self._slug)
        unsent = sa.select(sa.func.count()).where(
            col(DeliveryRow.case_id).in_(cases),
            col(DeliveryRow.status).in_(UNSENT),
        )
        async with database.transaction(tenant_id) as session:
            return await session.scalar(unsent) or 0


async def tenant_of(database: Database, slug: str) -> UUID | None:
    """The id of a tenant, None when there is none of that name."""
    async with database.transaction() as session:
        return await tenant_named(session, slug)
