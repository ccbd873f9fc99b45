"""A transaction has a connection to itself, and ends with its block, however that ends."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database
from models.plain import insert_of
from models.round_trips import run
from models.sessions import RateBucket

NOBODY = UUID(int=0)
BACKEND = ("SELECT pg_backend_pid() AS pid", {})


async def backend(session: AsyncSession) -> int:
    [found] = await run(session, BACKEND)
    pid: int = found.pid
    return pid


async def test_what_follows_a_rollback_goes_over_no_connection_of_somebody_else(database: Database) -> None:
    few = Database(database.engine.url.render_as_string(hide_password=False), pool_size=2)
    try:
        async with few.transaction(NOBODY) as session:
            mine = await backend(session)
            await session.rollback()
            async with few.transaction(NOBODY) as other:
                assert await backend(other) == mine
                assert await backend(session) != mine
    finally:
        await few.close()


async def test_one_that_is_cancelled_again_and_again_is_rolled_back(database: Database) -> None:
    lonely = Database(database.engine.url.render_as_string(hide_password=False), pool_size=1)
    key, written, used = str(uuid4()), asyncio.Event(), []

    async def write_and_wait() -> None:
        async with lonely.transaction(NOBODY) as session:
            used.append(await backend(session))
            await run(session, insert_of(RateBucket(key=key, tokens=1.5, filled_at=datetime.now(UTC))))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    assert task.cancelled()
    try:
        async with lonely.transaction(NOBODY) as session:
            assert [await backend(session)] == used
            assert await run(session, (f"SELECT 1 FROM rate_bucket WHERE key = '{key}'", {})) == []
    finally:
        await lonely.close()


async def test_objects_outlive_it(database: Database) -> None:
    bucket = RateBucket(key=str(uuid4()), tokens=1.5, filled_at=datetime.now(UTC))
    async with database.transaction(NOBODY) as first:
        first.add(bucket)
    async with database.transaction(NOBODY) as second:
        # As one that the first session still had, it would be refused.
        second.add(bucket)
        await second.delete(bucket)
