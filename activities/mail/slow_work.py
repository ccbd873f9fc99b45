"""For slow activities: heartbeats while they work, and work that is finished although the activity is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from temporalio import activity

T = TypeVar("T")

_BEATS_PER_TIMEOUT = 3


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Heartbeats during the block, several for each heartbeat timeout; none when the activity has no such timeout."""
    timeout = activity.info().heartbeat_timeout
    if timeout is None:
        yield
        return
    beats = asyncio.create_task(_beat(timeout.total_seconds() / _BEATS_PER_TIMEOUT))
    try:
        yield
    finally:
        beats.cancel()


async def _beat(every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        activity.heartbeat()


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end and returns its result. When the activity is cancelled meanwhile, the work is still
    finished, then the cancellation is raised. Only a worker that shuts down does not wait."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if activity.is_worker_shutdown():
            task.cancel()
        await asyncio.wait([task])
        raise
