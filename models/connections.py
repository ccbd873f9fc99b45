"""Connections that fall silent: a server or something on the way to it has gone without a word.

Every wait for an answer has an end on our side, after the one that the server sets itself. A connection that has not
been used for a while is asked for a sign of life before it is used again.
"""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from psycopg import AsyncConnection, Error, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

ANSWERS_WITHIN_SECONDS = 8.0
"""Longer than the `statement_timeout` of `CONNECTION_OPTIONS`: a server that lives has answered by then."""

SIGN_OF_LIFE_WITHIN_SECONDS = 2.0
_TRUSTED_FOR_SECONDS = 5.0
_USED = "used"

# What the kernel notices by itself, when not even it is answered on the other side.
KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": int(ANSWERS_WITHIN_SECONDS * 1000),
}


class Connection(AsyncConnection[Any]):
    """A connection that is closed when it has been silent for `patience` seconds, and raises OperationalError."""

    patience = ANSWERS_WITHIN_SECONDS

    async def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            # Who says how long it waits takes silence for an answer.
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.pgconn.finish()
            with suppress(Error):
                gen.close()
            raise OperationalError("the server has fallen silent") from None


@asynccontextmanager
async def sign_of_life(connection: Connection) -> AsyncIterator[None]:
    """Within the block a connection is waited for no longer than a server takes that has nothing to do."""
    connection.patience = SIGN_OF_LIFE_WITHIN_SECONDS
    try:
        yield
    finally:
        del connection.patience


def ask_when_idle(engine: AsyncEngine) -> None:
    """Has the engine's pool ask a connection that nobody has used for a while; when it is silent, all that the pool
    holds are replaced. One in use is not asked, which costs a busy system nothing."""

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ask(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get(_USED, math.inf) > _TRUSTED_FOR_SECONDS:
            connection.run_async(_ask)


async def _ask(connection: Connection) -> None:
    try:
        async with sign_of_life(connection), connection.pipeline():
            pass
    except OperationalError as away:
        raise InvalidatePoolError from away
