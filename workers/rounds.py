"""What a worker does every so often without a workflow: a round that finds nothing to do writes no history.

Of all workers one goes on rounds, and when it dies, hangs or cannot be heard any more, another does. For a moment there
may be two of them, and a round that is cut off is made up for by the next: so whatever a round does may be done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from models.database import Database
from models.places import Place

ROUNDS = "rounds"
"""The place of the one that goes on rounds."""

ASKS_FOR_THE_PLACE_EVERY_SECONDS = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rounds:
    """Something to be done each time so many seconds have passed since the last. A round that takes longer than
    `within_seconds` is given up. `left` is called when this process goes on it no more."""

    name: str
    every_seconds: float
    once: Callable[[], Awaitable[object]]
    within_seconds: float = 120.0
    left: Callable[[], None] = lambda: None

    async def go(self) -> None:
        """Does it for ever. What goes wrong is logged, and tried again when its time comes."""
        try:
            while True:
                try:
                    async with asyncio.timeout(self.within_seconds):
                        await self.once()
                except Exception as error:  # noqa: BLE001  a defect in one round must not end the worker
                    log.error("round_failed", name=self.name, cause=type(error).__name__)
                await asyncio.sleep(self.every_seconds)
        finally:
            self.left()


async def go_on_rounds(database: Database, rounds: Sequence[Rounds]) -> None:
    """Goes on all of them, each beside the others, whenever no other process does; for ever."""
    while True:
        try:
            async with database.alone(ROUNDS) as place:
                if place:
                    await _go(place, rounds)
        except Exception as error:  # noqa: BLE001  without rounds the worker is still worth having
            log.warning("rounds_interrupted", cause=type(error).__name__)
        await asyncio.sleep(ASKS_FOR_THE_PLACE_EVERY_SECONDS)


async def _go(place: Place, rounds: Sequence[Rounds]) -> None:
    going = [asyncio.create_task(each.go()) for each in rounds]
    try:
        await place.keep()
    finally:
        for each in going:
            each.cancel()
        await asyncio.gather(*going, return_exceptions=True)
