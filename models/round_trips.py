"""Fewer ways to the server and back: each costs both sides more time than most statements do.

A transaction begins with its first statement, in one go with the settings that say for whom it works; and it can be
committed in one go with a statement that is known to be its last.
"""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, AsyncServerCursor
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

SCOPE = "scope"
_LAST = "last"
_SET_SCOPE = (
    "SELECT set_config('app.tenant_id', %s, true), set_config('app.account_id', %s, true), "
    "set_config('app.login_email', %s, true)"
)


@asynccontextmanager
async def all_at_once(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Holds back what is executed during the block, and sends it in one piece at its end.

    A pipeline of psycopg sends each statement when it comes, and looks whether there is an answer: each time that costs
    as much as the way to the server.
    """
    async with connection.pipeline() as pipeline:
        vars(pipeline)["_communicate_gen"] = _nothing
        try:
            yield
        finally:
            del vars(pipeline)["_communicate_gen"]


def _nothing() -> Generator[Any, Any, None]:
    yield from ()


class Cursor(AsyncCursor[Any]):
    """Sends a transaction's beginning and end along with its statements, as the connection's attributes say."""

    async def execute(self, query: Any, params: Any = None, **given: Any) -> "Cursor":
        scope, last = vars(self.connection).pop(SCOPE, None), vars(self.connection).pop(_LAST, False)
        if scope is None and not last:
            await super().execute(query, params, **given)
            return self
        async with all_at_once(self.connection):
            if scope is not None:
                await AsyncCursor(self.connection).execute(_SET_SCOPE, scope)
            await super().execute(query, params, **given)
            if last:
                await AsyncCursor(self.connection).execute("COMMIT")
        return self

    async def executemany(self, query: Any, params_seq: Any, **given: Any) -> None:
        scope = vars(self.connection).pop(SCOPE, None)
        if scope is not None:
            await AsyncCursor(self.connection).execute(_SET_SCOPE, scope)
        await super().executemany(query, params_seq, **given)


class StreamingCursor(AsyncServerCursor[Any]):
    """The cursor of a result that is read piece by piece: its transaction has begun before."""

    async def execute(self, query: Any, params: Any = None, **given: Any) -> "StreamingCursor":
        scope = vars(self.connection).pop(SCOPE, None)
        if scope is not None:
            await AsyncCursor(self.connection).execute(_SET_SCOPE, scope)
        await super().execute(query, params, **given)
        return self


def leave_nothing_behind(engine: AsyncEngine) -> None:
    """A transaction that failed before its first statement has left its scope on the connection: the next must not send
    it along."""

    @event.listens_for(engine.sync_engine, "checkin")
    def forget(connection: Any, _: Any) -> None:
        if connection is not None:
            _forget(connection.driver_connection)


def _forget(driver: Any) -> None:
    for left in (SCOPE, _LAST):
        vars(driver).pop(left, None)


class ScopedSession(Session):
    """A session whose `info` holds the scope of its transaction: tenant, account, address that logs in."""


@event.listens_for(ScopedSession, "after_begin")
def _begin(session: Session, _: SessionTransaction, connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    _forget(driver)
    setattr(driver, SCOPE, session.info[SCOPE])
    driver.server_cursor_factory = StreamingCursor
    session.info["driver"] = driver


def commit_with_next(session: AsyncSession) -> None:
    """Commits the transaction in one go with its next statement. When that one fails nothing is committed; when it
    succeeds, everything is, so whatever must prevent that has to make the statement fail."""
    driver = session.info.get("driver")
    if driver is not None:
        setattr(driver, _LAST, True)
