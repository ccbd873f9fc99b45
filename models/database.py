"""The one door to Postgres: every transaction says for whom it works, and the database holds it to that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import psycopg.sql
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from pydantic_core import from_json, to_json
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from models.connections import KEEPALIVES, SIGN_OF_LIFE_WITHIN_SECONDS, Connection, ask_when_idle, sign_of_life
from models.places import Place, place
from models.round_trips import (
    SCOPE,
    Cursor,
    ScopedSession,
    Statement,
    all_at_once,
    as_sqlalchemy,
    commit_with_next,
    leave_nothing_behind,
    rows_of,
)

CONNECTION_OPTIONS = "-c lock_timeout=5s -c statement_timeout=7s -c idle_in_transaction_session_timeout=30s -c jit=off"

_SET_SCOPE_OF_ACCOUNT = "SELECT set_config('app.tenant_id', %s, true), set_config('app.account_id', %s, true)"

_LISTENS_FOR_SECONDS = 4.0
"""How long nothing may be announced before the server is asked whether it is still there."""

_SETTING_OF = {
    "tenant_id": "app.tenant_id",
    "account_id": "app.account_id",
    "login_email": "app.login_email",
    "request_key": "app.request_key",
    "inbound_token": "app.inbound_token",
}


async def look_as(session: AsyncSession, **scope: UUID | str) -> None:
    """Changes for whom the rest of the transaction works: `tenant_id`, `account_id` or `login_email`, as they are named
    in `Database.transaction`; `request_key` opens what was answered to that key, `inbound_token` the mailbox that has
    it. What is not named stays as it was."""
    for name, value in scope.items():
        await session.execute(sa.select(sa.func.set_config(_SETTING_OF[name], str(value), True)))


class Database:
    """A pool of connections of the app's role, which owns nothing and bypasses no row-level security."""

    def __init__(self, url: str, *, pool_size: int = 12) -> None:
        self._options: dict[str, Any] = {"options": CONNECTION_OPTIONS, "connect_timeout": 5, **KEEPALIVES}
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            # An error's text travels into logs and workflow histories: no values in it.
            hide_parameters=True,
            # Several times as fast as the standard library's, and a step writes some kilobytes.
            json_serializer=to_json,
            json_deserializer=from_json,
            connect_args={"async_creator_fn": Connection.connect, "cursor_factory": Cursor, **self._options},
        )
        ask_when_idle(self.engine)
        leave_nothing_behind(self.engine)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=ScopedSession)

    @asynccontextmanager
    async def transaction(
        self, tenant_id: UUID | None = None, *, account_id: UUID | None = None, login_email: str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        It sees the rows of `tenant_id` only. `account_id` also opens that person's own account and memberships,
        `login_email` the account that logs in with that address; without any of them every tenant's table reads empty.
        """
        scope = (str(tenant_id or ""), str(account_id or ""), login_email or "")
        session = self._sessions(info={SCOPE: scope})
        try:
            yield session
            await session.commit()
        finally:
            if session.in_transaction():
                # Rolled back to its end, even when whoever waits for that is cancelled.
                await asyncio.shield(session.close())
            session.sync_session.close()

    @asynccontextmanager
    async def glance(self, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
        """As `transaction`, for a single statement: it goes to the server and back once.

        After the first statement nothing of the tenant can be seen any more.
        """
        async with self.transaction(tenant_id) as session:
            await session.connection()
            commit_with_next(session)
            yield session

    async def look_up(
        self,
        *statements: Statement,
        tenant_id: UUID | None = None,
        account_id: UUID | None = None,
    ) -> Any | None:
        """The only row that the last statement finds, or None; see `in_one_go`."""
        rows = await self.in_one_go(*statements, tenant_id=tenant_id, account_id=account_id)
        return rows[0] if rows else None

    async def in_one_go(
        self,
        *statements: Statement,
        tenant_id: UUID | None = None,
        account_id: UUID | None = None,
    ) -> list[Any]:
        """As `each_in_one_go`, and returns the rows of the last."""
        return (await self.each_in_one_go(*statements, tenant_id=tenant_id, account_id=account_id))[-1]

    async def each_in_one_go(
        self,
        *statements: Statement,
        tenant_id: UUID | None = None,
        account_id: UUID | None = None,
    ) -> list[list[Any]]:
        """Executes statements in a transaction of their own, and returns the rows of each; all of it goes to the server
        at once, so none can depend on what another has returned.

        A statement is SQL for the driver, and so are its parameters and the rows' values: an enum is text. Raises what
        a session raises.
        """
        scope = (str(tenant_id or ""), str(account_id or ""))
        async with self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                cursors = [driver.cursor(row_factory=namedtuple_row) for _ in statements]
                async with all_at_once(driver):
                    await driver.execute(_SET_SCOPE_OF_ACCOUNT, scope)
                    for cursor, statement in zip(cursors, statements, strict=True):
                        await cursor.execute(*statement)
                    await driver.execute("COMMIT")
                return [await rows_of(cursor) for cursor in cursors]
            except psycopg.Error as failed:
                if driver.closed:
                    await connection.invalidate(failed)
                    # What the pool still holds is from before, too.
                    await self.engine.dispose()
                raise as_sqlalchemy(failed) from None

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[Place | None]:
        """The only place for `what`, None while somebody else has it, in whatever process.

        Who has it must `keep` it. Who dies leaves it at once, and who hangs, or cannot be heard any more, after
        `LOST_AFTER_SECONDS`: whoever comes to again has lost it. Raises OperationalError when the server is away.
        """
        async with place(what, await self._connect()) as mine:
            yield mine

    async def announced(self, channel: str) -> AsyncIterator[str | None]:
        """What is announced (NOTIFY) on the channel from now on, once it is heard: None comes first, to say so.

        It holds a connection of its own, and ends or raises OperationalError when that is lost.
        """
        async with await self._connect() as connection:
            try:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                yield None
                while True:
                    async for notice in connection.notifies(timeout=_LISTENS_FOR_SECONDS):
                        yield notice.payload
                    async with sign_of_life(connection), connection.pipeline():
                        pass
            except psycopg.Error as lost:
                raise OperationalError(None, None, lost) from None

    async def _connect(self) -> Connection:
        _, address = self.engine.dialect.create_connect_args(self.engine.url)
        try:
            return await Connection.connect(**address, **self._options, autocommit=True)
        except psycopg.Error as away:
            raise OperationalError(None, None, away) from None

    async def answers(self) -> bool:
        """Whether a statement is answered at once, and one asked now would get a connection. When it is not, the
        connections that were there are given up."""
        try:
            async with asyncio.timeout(SIGN_OF_LIFE_WITHIN_SECONDS + 1), self.engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                async with sign_of_life(driver):
                    await connection.execute(sa.text("SELECT 1"))
        except (DBAPIError, PoolTimeout, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()
