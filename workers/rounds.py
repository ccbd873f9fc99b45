"""What a worker does every so often without a workflow: a round that finds nothing to do writes no history.

Of several workers one does a round at a time; whatever a round does may be done twice, so that the lock only spares
work. One that is cut off by a crash is made up for by the next.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from models.database import Database

log = structlog.get_logger()


@dataclass(frozen=True)
class Rounds:
    """Something to be done each time so many seconds have passed since the last."""

    name: str
    every_seconds: float
    once: Callable[[], Awaitable[object]]

    async def go(self, database: Database) -> None:
        """Does it for ever. What goes wrong is logged, and tried again when its time comes."""
        while True:
            try:
                async with database.alone(self.name) as mine:
                    if mine:
                        await self.once()
            except Exception as error:  # noqa: BLE001  a defect in one round must not end the worker
                log.error("round_failed", name=self.name, cause=type(error).__name__)
            await asyncio.sleep(self.every_seconds)
