"""Load: clients that each send the next request as soon as they have their answer, and how long the answers took."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.cpu import ReadCpu

Ask = Callable[[int], Awaitable[bool]]
"""Asks once, as the client of that number; true when it was answered in full, false when not in time."""

ROUNDS = 4


async def _at_once() -> None: ...


@dataclass(frozen=True)
class Figure:
    """What one kind of request took with `at_a_time` clients.

    Times in milliseconds, the rate in requests per second; `late` ones were not answered in full, and are in the times.
    `generator_share` is how much of one core the load generator itself has used, from 0 to the number of cores.
    `cpu_ms` has for each part of the stack that runs here the milliseconds of CPU time that a request took of it.
    """

    name: str
    at_a_time: int
    requests: int
    p50_ms: float
    p95_ms: float
    rate: float
    late: int
    generator_share: float
    cpu_ms: dict[str, float] = field(default_factory=dict)


@dataclass
class Series:
    """A kind of request asked by so many clients at a time, and what has been measured of it so far.

    `settled` returns when what the answered requests have left to do is done; that is part of their CPU time.
    """

    name: str
    at_a_time: int
    ask: Ask
    settled: Callable[[], Awaitable[None]] = _at_once
    seconds: list[float] = field(default_factory=list)
    late: int = 0
    elapsed: float = 0
    used: float = 0
    cpu: dict[str, float] = field(default_factory=dict)

    async def go_on(self, requests: int) -> None:
        """Asks so many times more, all clients together. The first exception of an `ask` ends it, and is raised."""
        left = iter(range(requests))
        began, used = time.perf_counter(), time.process_time()
        try:
            async with asyncio.TaskGroup() as clients:
                for number in range(self.at_a_time):
                    clients.create_task(self._be_client(number, left))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        self.elapsed += time.perf_counter() - began
        self.used += time.process_time() - used

    def count_cpu(self, before: Mapping[str, float], after: Mapping[str, float]) -> None:
        """Adds what each part has used between two readings."""
        for part, milliseconds in after.items():
            self.cpu[part] = self.cpu.get(part, 0.0) + milliseconds - before.get(part, 0.0)

    def figure(self) -> Figure:
        """What was measured. Raises ValueError when nothing was."""
        return Figure(
            name=self.name,
            at_a_time=self.at_a_time,
            requests=len(self.seconds),
            p50_ms=round(percentile(self.seconds, 50) * 1000, 2),
            p95_ms=round(percentile(self.seconds, 95) * 1000, 2),
            rate=round(len(self.seconds) / self.elapsed, 1),
            late=self.late,
            generator_share=round(self.used / self.elapsed, 2),
            cpu_ms={part: round(used / len(self.seconds), 2) for part, used in self.cpu.items()},
        )

    async def _be_client(self, number: int, left: Iterator[int]) -> None:
        for _ in left:
            asked = time.perf_counter()
            in_time = await self.ask(number)
            self.seconds.append(time.perf_counter() - asked)
            self.late += not in_time


async def measure(series: Sequence[Series], requests: int, cpu: ReadCpu = dict) -> list[Figure]:
    """A figure for each of `series`, from so many requests each, with what `cpu` reads of the stack.

    They take turns in a few rounds: what disturbs the machine for a while then disturbs all of them alike. Before, each
    is asked a quarter as often without being measured.
    """
    for each in series:
        await Series(each.name, each.at_a_time, each.ask).go_on(max(1, requests // ROUNDS))
        await each.settled()
    for done in range(ROUNDS):
        for each in series:
            before = cpu()
            await each.go_on(requests * (done + 1) // ROUNDS - requests * done // ROUNDS)
            await each.settled()
            each.count_cpu(before, cpu())
    return [each.figure() for each in series]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that so many per cent of them do not exceed. Raises ValueError when there are none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
