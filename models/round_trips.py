"""Fewer ways to the server and back: each costs both sides more time than most statements do.

A transaction begins with its first statement, in one go with the settings that say for whom it works; what returns
nothing that is needed can go with the statement after it; and a transaction can be committed in one go with a statement
that is known to be its last.
"""

from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, AsyncServerCursor
from psycopg.generators import send
from psycopg.pq import TransactionStatus
from psycopg.rows import AsyncRowFactory, namedtuple_row
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

SCOPE = "scope"
_HELD = "held"
_LAST = "last"
_DRIVER = "driver"

Statement = tuple[str, Mapping[str, Any] | tuple[Any, ...]]
"""SQL for the driver, with its parameters."""

_SET_SCOPE = (
    "SELECT set_config('app.tenant_id', %s, true), set_config('app.account_id', %s, true), "
    "set_config('app.login_email', %s, true)"
)


@asynccontextmanager
async def all_at_once(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Holds back what is executed during the block, and sends it in one piece at its end.

    A pipeline of psycopg sends each statement when it comes, looks whether there is an answer, and at its end asks for
    the answers a second time: each of that costs as much as the way to the server.
    """

    def begin_once() -> Generator[Any, Any, None]:
        # As long as nothing was sent the driver sees no transaction, and would begin one with every statement.
        vars(connection)["_start_query"] = _nothing
        if connection.pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
            yield from connection._exec_command(connection._get_tx_start_command())

    async with connection.pipeline() as pipeline:

        def send_all() -> Generator[Any, Any, None]:
            while pipeline.command_queue:
                pipeline.command_queue.popleft()()
            yield from send(connection.pgconn)

        def fetch(*, flush: bool) -> Generator[Any, Any, None]:  # noqa: ARG001
            yield from AsyncPipeline._fetch_gen(pipeline, flush=False)

        vars(pipeline).update(_communicate_gen=_nothing, _fetch_gen=fetch)
        vars(connection)["_start_query"] = begin_once
        try:
            yield
        finally:
            vars(pipeline)["_communicate_gen"] = send_all
            del vars(connection)["_start_query"]


def _nothing() -> Generator[Any, Any, None]:
    yield from ()


class Cursor(AsyncCursor[Any]):
    """Sends a transaction's beginning and end, and what was held back, along with its statements, as the connection's
    attributes say."""

    async def execute(self, query: Any, params: Any = None, **given: Any) -> "Cursor":
        before, last = _before(self.connection), vars(self.connection).pop(_LAST, False)
        if not before and not last:
            await super().execute(query, params, **given)
            return self
        async with all_at_once(self.connection):
            for statement in before:
                await AsyncCursor(self.connection).execute(*statement)
            await super().execute(query, params, **given)
            if last:
                await AsyncCursor(self.connection).execute("COMMIT")
        return self

    async def executemany(self, query: Any, params_seq: Any, **given: Any) -> None:
        for statement in _before(self.connection):
            await AsyncCursor(self.connection).execute(*statement)
        await super().executemany(query, params_seq, **given)


class StreamingCursor(AsyncServerCursor[Any]):
    """The cursor of a result that is read piece by piece: its transaction has begun before."""

    async def execute(self, query: Any, params: Any = None, **given: Any) -> "StreamingCursor":
        for statement in _before(self.connection):
            await AsyncCursor(self.connection).execute(*statement)
        await super().execute(query, params, **given)
        return self


def _before(connection: AsyncConnection[Any]) -> list[Statement]:
    """What goes before the connection's next statement: what begins its transaction, and what was held back."""
    left = vars(connection)
    scope, held = left.pop(SCOPE, None), left.get(_HELD)
    before = [(_SET_SCOPE, scope)] if scope is not None else []
    if held:
        before += held
        held.clear()
    return before


def leave_nothing_behind(engine: AsyncEngine) -> None:
    """A transaction that failed before its first statement has left its scope on the connection: the next must not send
    it along."""

    @event.listens_for(engine.sync_engine, "checkin")
    def forget(connection: Any, _: Any) -> None:
        if connection is not None:
            _forget(connection.driver_connection)


def _forget(driver: Any) -> None:
    for left in (SCOPE, _HELD, _LAST):
        vars(driver).pop(left, None)


class ScopedSession(Session):
    """A session whose `info` holds the scope of its transaction: tenant, account, address that logs in."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.info[_HELD] = []


@event.listens_for(ScopedSession, "after_begin")
def _begin(session: Session, _: SessionTransaction, connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    _forget(driver)
    setattr(driver, SCOPE, session.info[SCOPE])
    setattr(driver, _HELD, session.info[_HELD])
    driver.server_cursor_factory = StreamingCursor
    session.info[_DRIVER] = driver


@event.listens_for(ScopedSession, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    # From then on somebody else may have the connection.
    if transaction.parent is None:
        session.info.pop(_DRIVER, None)


@event.listens_for(ScopedSession, "before_commit")
def _send_what_is_held(session: Session) -> None:
    if session.info[_HELD]:
        session.execute(text("SELECT"))


def send_with_next(session: AsyncSession, statement: Statement) -> None:
    """Holds a statement back until the session's next one, and sends both in one go. What it raises, the next one
    raises."""
    session.info[_HELD].append(statement)


async def run(
    session: AsyncSession,
    statement: Statement,
    *,
    last: bool = False,
    rows: AsyncRowFactory[Any] = namedtuple_row,
) -> list[Any]:
    """Executes a statement in the session's transaction past the ORM, with what is held back, and returns its rows, as
    `rows` makes them. The `last` one is committed in one go with it. Raises what a session raises, by the driver's
    error.
    """
    if session.new or session.dirty or session.deleted:
        await session.flush()
    if _DRIVER not in session.info:
        await session.connection()
    driver = session.info[_DRIVER]
    if last:
        commit_with_next(session)
    try:
        async with driver.cursor(row_factory=rows) as cursor:
            await cursor.execute(*statement)
            return await rows_of(cursor)
    except psycopg.Error as failed:
        if driver.closed:
            await (await session.connection()).invalidate(failed)
        raise as_sqlalchemy(failed) from None


async def rows_of(cursor: AsyncCursor[Any]) -> list[Any]:
    """The rows that a statement has returned: none where it returns nothing."""
    # The cursor's description would tell so too, and makes an object for each column.
    return await cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


def as_sqlalchemy(failed: psycopg.Error) -> Exception:
    """An error of the driver as SQLAlchemy would raise it, without the statement and its values."""
    error: Exception = DBAPIError.instance(None, None, failed, psycopg.Error, hide_parameters=True)
    return error


def commit_with_next(session: AsyncSession) -> None:
    """Commits the transaction in one go with its next statement. When that one fails nothing is committed; when it
    succeeds, everything is, so whatever must prevent that has to make the statement fail."""
    driver = session.info.get(_DRIVER)
    if driver is not None:
        setattr(driver, _LAST, True)
