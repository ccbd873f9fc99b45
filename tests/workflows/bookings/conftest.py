"""The API tells by its own clock what is too early or too late to book, so it must show the time of the world."""

import sys
from datetime import UTC, datetime, tzinfo
from typing import Self

import pytest

from tests.workflows.world import World


@pytest.fixture(autouse=True)
async def the_worlds_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests have moved the world years ahead, or will."""
    ahead = await world.now() - datetime.now(UTC)

    class TimeOfTheWorld(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + ahead

    for name, module in list(sys.modules.items()):
        if name.startswith("api.bookings.") and vars(module).get("datetime") is datetime:
            monkeypatch.setattr(module, "datetime", TimeOfTheWorld)
