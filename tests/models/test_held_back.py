"""What is held back is written with the statement after it, at the latest with the commit, or not at all."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.database import Database
from models.plain import Plain, insert_of
from models.round_trips import commit_with_next, run, send_with_next
from models.sessions import RateBucket

NOBODY = UUID(int=0)


def bucket(key: str) -> RateBucket:
    return RateBucket(key=key, tokens=1.5, filled_at=datetime.now(UTC))


async def keys(session: AsyncSession, *wanted: str) -> list[str]:
    found = sa.select(col(RateBucket.key)).where(col(RateBucket.key).in_(wanted)).order_by(col(RateBucket.key))
    return list(await session.scalars(found))


async def test_it_is_there_for_the_next_statement(database: Database) -> None:
    first, second = f"1 {uuid4()}", f"2 {uuid4()}"
    async with database.transaction(NOBODY) as session:
        send_with_next(session, insert_of(bucket(first)))
        send_with_next(session, insert_of(bucket(second)))
        assert await keys(session, first, second) == [first, second]
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == [first, second]


async def test_it_is_written_at_the_end_when_nothing_follows(database: Database) -> None:
    first, second = f"1 {uuid4()}", f"2 {uuid4()}"
    async with database.transaction(NOBODY) as session:
        send_with_next(session, insert_of(bucket(first)))
        await session.execute(sa.text("SELECT 1"))
        send_with_next(session, insert_of(bucket(second)))
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == [first, second]


async def test_more_than_one_packet_goes_and_comes_in_one_go(database: Database) -> None:
    large = "x" * 20_000_000
    async with database.transaction(NOBODY) as session:
        send_with_next(session, ("SELECT %(large)s", {"large": large}))
        [row] = await run(session, ("SELECT %(large)s AS large", {"large": large}), last=True)
    assert row.large == large


async def test_of_a_transaction_that_fails_nothing_goes_into_the_next(database: Database) -> None:
    lonely = Database(database.engine.url.render_as_string(hide_password=False), pool_size=1)
    key = str(uuid4())
    try:
        with pytest.raises(ZeroDivisionError):
            await _hold_and_fail(lonely, key)
        async with lonely.transaction(NOBODY) as session:
            assert await keys(session, key) == []
    finally:
        await lonely.close()


async def test_what_it_raises_the_next_statement_raises_and_nothing_is_committed(database: Database) -> None:
    first, second = f"1 {uuid4()}", f"2 {uuid4()}"
    with pytest.raises(IntegrityError):
        await _write_at_once(database, first, second, second)
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == []


async def test_of_several_in_one_go_all_or_none_are_done(database: Database) -> None:
    first, second = f"1 {uuid4()}", f"2 {uuid4()}"
    with pytest.raises(IntegrityError):
        await database.in_one_go(*(insert_of(bucket(key)) for key in (first, second, second)))
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == []
    await database.in_one_go(*(insert_of(bucket(key)) for key in (first, second)))
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == [first, second]


async def test_of_several_in_one_go_each_has_its_rows(database: Database) -> None:
    numbers = "SELECT n FROM generate_series(1, %(last)s::int) AS n"
    found = await database.each_in_one_go((numbers, {"last": 2}), ("SET LOCAL jit = off", {}), (numbers, {"last": 1}))
    assert [[row.n for row in rows] for rows in found] == [[1, 2], [], [1]]


async def test_a_list_in_a_statement_made_once_is_written_out(database: Database) -> None:
    key, other = f"1 {uuid4()}", f"2 {uuid4()}"
    column = sa.column("key", sa.Text)
    table = sa.table("rate_bucket", column)
    await database.in_one_go(insert_of(bucket(key)))
    asked = Plain(sa.select(column).select_from(table).where(column.in_([key, other]), column != sa.bindparam("not")))
    assert [row.key for row in await database.in_one_go(asked(**{"not": other}))] == [key]


async def test_a_statement_that_takes_too_long_costs_nobody_else_a_connection(database: Database) -> None:
    async with database.engine.connect() as other:
        with pytest.raises(OperationalError):
            await database.in_one_go(("SET LOCAL statement_timeout = 10", {}), ("SELECT pg_sleep(5)", {}))
        assert await other.scalar(sa.text("SELECT 1")) == 1
        assert (await database.look_up(("SELECT 2 AS two", {}))).two == 2


async def test_a_statement_past_the_orm_sees_what_was_added_and_held_back(database: Database) -> None:
    first, second = f"1 {uuid4()}", f"2 {uuid4()}"
    async with database.transaction(NOBODY) as session:
        session.add(bucket(first))
        send_with_next(session, insert_of(bucket(second)))
        asked = ("SELECT key FROM rate_bucket WHERE key = ANY(%s) ORDER BY key", ([first, second],))
        assert [row.key for row in await run(session, asked, last=True)] == [first, second]
    async with database.transaction(NOBODY) as session:
        assert await keys(session, first, second) == [first, second]


async def test_when_the_last_statement_fails_nothing_is_committed(database: Database) -> None:
    key = str(uuid4())
    with pytest.raises(DataError):
        await _divide_by_zero(database, key)
    async with database.transaction(NOBODY) as session:
        assert await keys(session, key) == []


async def _divide_by_zero(database: Database, key: str) -> None:
    async with database.transaction(NOBODY) as session:
        send_with_next(session, insert_of(bucket(key)))
        await run(session, ("SELECT 1 / 0", {}), last=True)


async def _hold_and_fail(database: Database, key: str) -> None:
    async with database.transaction(NOBODY) as session:
        await session.execute(sa.text("SELECT 1"))
        send_with_next(session, insert_of(bucket(key)))
        raise ZeroDivisionError


async def _write_at_once(database: Database, *written: str) -> None:
    async with database.transaction(NOBODY) as session:
        for key in written:
            send_with_next(session, insert_of(bucket(key)))
        commit_with_next(session)
        await session.execute(sa.text("SELECT 1"))
