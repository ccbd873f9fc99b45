"""One of several processes does what needs only one."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError

from models import places
from models.database import Database
from tests.stack.waiting import eventually


async def test_only_one_is_alone_and_leaves_the_place_however_it_goes(database: Database) -> None:
    async with database.alone("a round") as mine:
        assert mine
        async with database.alone("a round") as another, database.alone("another round") as beside:
            assert not another
            assert beside
    await eventually(lambda: _has_failed_alone(database), "the place was free for who failed in it", within=5)
    await eventually(lambda: _is_free(database), "the place is free", within=5)


async def test_who_keeps_the_place_has_it_and_who_hangs_loses_it_and_hears_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LOST_AFTER_SECONDS", 1)
    monkeypatch.setattr(places, "KEPT_EVERY_SECONDS", 0.05)
    async with database.alone("kept") as kept, database.alone("lost") as lost:
        assert kept
        assert lost
        keeping = asyncio.create_task(kept.keep())
        await eventually(lambda: _is_free(database, "lost"), "the place is free")
        assert not await _is_free(database, "kept")
        with pytest.raises(OperationalError):
            await lost.keep()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _is_free(database: Database, what: str = "a round") -> bool:
    async with database.alone(what) as mine:
        return mine is not None


async def _has_failed_alone(database: Database) -> bool:
    with suppress(ZeroDivisionError):
        async with database.alone("a round") as mine:
            return 1 / (mine is None) == 0
    return True
