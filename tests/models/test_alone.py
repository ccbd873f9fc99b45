"""One of several processes does what needs only one."""

import pytest

from models.database import Database


async def test_only_one_is_alone_and_leaves_the_place_however_it_goes(database: Database) -> None:
    async with database.alone("a round") as mine:
        assert mine
        async with database.alone("a round") as another, database.alone("another round") as beside:
            assert not another
            assert beside
    with pytest.raises(ZeroDivisionError):
        await _fail_alone(database)
    async with database.alone("a round") as mine:
        assert mine


async def _fail_alone(database: Database) -> None:
    async with database.alone("a round") as mine:
        assert 1 / (not mine)
