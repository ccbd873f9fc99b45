"""What becomes of connections to Postgres on which nothing comes back any more, while new ones work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from models import connections
from models.database import CONNECTION_OPTIONS, Database
from tests.stack.line import Line, line_to

NOBODY = UUID(int=0)
WITHIN = 30.0


@pytest.fixture
async def line(database: Database) -> AsyncIterator[Line]:
    port = database.engine.url.port
    assert port is not None
    async with line_to(port) as line:
        yield line


@pytest.fixture
async def remote(database: Database, line: Line) -> AsyncIterator[Database]:
    """The database at the end of the line."""
    url = database.engine.url.set(host="127.0.0.1", port=line.port)
    remote = Database(url.render_as_string(hide_password=False), pool_size=4)
    yield remote
    await remote.close()


async def read(database: Database) -> None:
    async with database.transaction(NOBODY) as session:
        await session.execute(sa.text("SELECT 1"))


async def read_on(database: Database) -> None:
    async with database.transaction(NOBODY) as session:
        async for _ in await session.stream(sa.text("SELECT generate_series(1, 10)")):
            pass


async def glance(database: Database) -> None:
    async with database.glance(NOBODY) as session:
        await session.execute(sa.text("SELECT 1"))


async def in_one_go(database: Database) -> None:
    assert await database.in_one_go(("SELECT 1", {}), tenant_id=NOBODY)


async def at_once(database: Database, use: Callable[[Database], Awaitable[None]]) -> list[BaseException | None]:
    async with asyncio.timeout(WITHIN):
        return await asyncio.gather(*(use(database) for _ in range(4)), return_exceptions=True)


def test_the_server_gives_up_first_and_we_before_ten_seconds_are_over() -> None:
    assert "statement_timeout=7s" in CONNECTION_OPTIONS
    assert connections.Connection.patience == 8.0


@pytest.mark.parametrize("use", [read, read_on, glance, in_one_go])
async def test_a_silent_connection_is_given_up_and_a_new_one_works(
    remote: Database, line: Line, use: Callable[[Database], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.Connection, "patience", 1.0)
    assert await at_once(remote, use) == [None] * 4
    line.freeze()
    assert {type(error) for error in await at_once(remote, use)} == {OperationalError}
    assert await at_once(remote, use) == [None] * 4


async def test_one_that_was_idle_is_asked_first(remote: Database, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await at_once(remote, read) == [None] * 4
    line.freeze()
    monkeypatch.setattr(connections, "_TRUSTED_FOR_SECONDS", 0.0)
    assert await at_once(remote, read) == [None] * 4


async def test_a_connection_in_use_is_not_asked(remote: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(_: object) -> None:
        pytest.fail("a connection that has just been used was asked whether it lives")

    await read(remote)
    monkeypatch.setattr(connections, "_ask", asked)
    await read(remote)


async def test_ready_says_no_until_it_is_true_again(remote: Database, line: Line) -> None:
    await read(remote)
    assert await remote.answers()
    line.silent = True
    line.freeze()
    for _ in range(2):
        assert not await remote.answers()
    line.silent = False
    assert await remote.answers()
    await read(remote)
