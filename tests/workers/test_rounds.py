"""Rounds: one worker of all goes on them, each beside the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from models import places
from models.database import Database
from tests.stack.waiting import eventually
from workers import rounds
from workers.rounds import Rounds, go_on_rounds

pytestmark = pytest.mark.usefixtures("soon")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ASKS_FOR_THE_PLACE_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(places, "KEPT_EVERY_SECONDS", 0.05)


class Counted:
    """A round that counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    async def once(self) -> None:
        self.times += 1

    async def goes_on(self) -> None:
        before = self.times
        await eventually(lambda: self.times > before + 1, "the round is done")


@asynccontextmanager
async def going(database: Database, *given: Rounds) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(go_on_rounds(database, given))
    try:
        yield task
    finally:
        await _end(task)


async def test_neither_a_round_that_hangs_nor_one_that_fails_delays_another(database: Database) -> None:
    counted, failing = Counted(), Counted()

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        await failing.once()
        raise KeyError("a defect")

    async with going(
        database, Rounds("hangs", 0.01, hang), Rounds("fails", 0.01, fail), Rounds("counts", 0.01, counted.once)
    ):
        await counted.goes_on()
        await failing.goes_on()


async def test_a_round_that_takes_too_long_is_given_up_and_tried_again(database: Database) -> None:
    begun = Counted()

    async def hang() -> None:
        await begun.once()
        await asyncio.Event().wait()

    async with going(database, Rounds("hangs", 0.01, hang, within_seconds=0.05)):
        await begun.goes_on()


async def test_of_two_workers_one_goes_on_rounds_and_the_other_when_that_one_ends(database: Database) -> None:
    first, second = Counted(), Counted()
    async with going(database, Rounds("counts", 0.01, first.once)) as going_first:
        await first.goes_on()
        async with going(database, Rounds("counts", 0.01, second.once)):
            await first.goes_on()
            assert second.times == 0
            await _end(going_first)
            await second.goes_on()
            done = first.times
            await second.goes_on()
            assert first.times == done


async def test_who_has_lost_the_place_stops_and_goes_on_when_it_is_free(database: Database) -> None:
    counted = Counted()
    stopped: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("stopped")

    async with going(database, Rounds("counts", 0.01, counted.once), Rounds("hangs", 0.01, hang)):
        await counted.goes_on()
        async with database.transaction() as session:
            await session.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        await eventually(lambda: bool(stopped), "its rounds have stopped")
        await counted.goes_on()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
