"""Load: clients that each ask again as soon as they are answered, and how long the answers took."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Ask = Callable[[int], Awaitable[bool]]
"""Asks once, as the client of that number; true when it was answered in full, false when only taken for later."""


@dataclass(frozen=True)
class Figure:
    """What one kind of request took with `at_a_time` clients.

    Times in milliseconds, the rate in requests per second; `late` were taken for later only, and are in the times.
    `generator_share` is how much of one core the load generator itself has used, from 0 to the number of cores.
    """

    name: str
    at_a_time: int
    requests: int
    p50_ms: float
    p95_ms: float
    rate: float
    late: int
    generator_share: float


async def measure(name: str, ask: Ask, *, requests: int, at_a_time: int) -> Figure:
    """Asks `requests` times in all, as so many clients at a time. The first exception of an `ask` ends it."""
    left = iter(range(requests))
    seconds: list[float] = []
    late = 0

    async def be_client(number: int) -> None:
        nonlocal late
        for _ in left:
            asked = time.perf_counter()
            late += not await ask(number)
            seconds.append(time.perf_counter() - asked)

    began, used = time.perf_counter(), time.process_time()
    try:
        async with asyncio.TaskGroup() as clients:
            for number in range(at_a_time):
                clients.create_task(be_client(number))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    elapsed, used = time.perf_counter() - began, time.process_time() - used
    return Figure(
        name=name,
        at_a_time=at_a_time,
        requests=requests,
        p50_ms=round(percentile(seconds, 50) * 1000, 2),
        p95_ms=round(percentile(seconds, 95) * 1000, 2),
        rate=round(requests / elapsed, 1),
        late=late,
        generator_share=round(used / elapsed, 2),
    )


def percentile(values: list[float], percent: float) -> float:
    """The smallest of `values` that so many per cent of them do not exceed. Raises ValueError when there are none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
