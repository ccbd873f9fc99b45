"""What only one process can have at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.exc import OperationalError

from models.connections import Connection, sign_of_life

LOST_AFTER_SECONDS = 10
KEPT_EVERY_SECONDS = 2.0


class Place:
    """The only place for something, held by a connection of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self) -> None:
        """Keeps the place for ever. Raises OperationalError when it is lost."""
        while True:
            try:
                async with sign_of_life(self._connection):
                    await self._connection.execute("SELECT 1")
            except psycopg.Error as lost:
                raise OperationalError(None, None, lost) from None
            await asyncio.sleep(KEPT_EVERY_SECONDS)


@asynccontextmanager
async def place(what: str, connection: Connection) -> AsyncIterator[Place | None]:
    """The place for `what`, None when another has it. The connection is closed at the end, and with it the place is
    left, whatever has become of it. Raises OperationalError when the server cannot be asked."""
    try:
        try:
            asked = await connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [what])
            [mine] = await asked.fetchone() or [False]
            # A process that hangs still has its connection: the server ends it.
            await connection.execute(f"SET idle_session_timeout = '{LOST_AFTER_SECONDS}s'")
        except psycopg.Error as away:
            raise OperationalError(None, None, away) from None
        yield Place(connection) if mine else None
    finally:
        await connection.close()
