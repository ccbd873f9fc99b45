"""Starts the parts of the stack in order, keeps them running, and stops them in reverse.

What the parts are is said in `ops.parts`. Each part has one task here, which waits for the parts it comes after, starts
its process, waits until it is ready, and starts it again when it ends or has been silent for long.
"""

import asyncio
import math
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.leftovers import forget, remember
from ops.process import Child, Startable
from ops.trouble import Trouble

_TICK_SECONDS = 0.03
_WATCH_SECONDS = 0.2
_ASK_SECONDS = 5.0
_STEADY_AFTER_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 15.0


def _nothing() -> None: ...


@dataclass(frozen=True)
class Part:
    """A process that is to run for as long as the stack does.

    At each start: `prepare` (may block), then `command` is started, told to begin once the parts in `after` are ready,
    and asked `is_ready`, with the moment it was told, until it says yes. Each may raise `Trouble`. What `after` names
    and this stack does not have runs elsewhere. Parts that are started again wait for what they come after only if that
    is `needed_at_each_start`.
    """

    name: str
    command: Callable[[], Startable]
    is_ready: Callable[[datetime], Awaitable[bool]]
    after: tuple[str, ...] = ()
    prepare: Callable[[], None] = _nothing
    ready_within: float = 90.0
    is_alive: Callable[[], Awaitable[bool]] | None = None
    silent_for: float = 30.0
    needed_at_each_start: bool = False
    stop: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 4.0),)


@dataclass(frozen=True)
class Step:
    """A process that runs once at each start of the stack and must end well."""

    name: str
    command: Callable[[], Startable]
    after: tuple[str, ...] = ()
    ends_within: float = 120.0


class StartFailed(Trouble):
    """A part did not come up: the first line says which and why, the others are the last that it wrote."""


class Supervisor:
    """Runs `parts`; each writes to `<name>.log` in `logs` and is remembered in `run` while it lives.

    `say` receives one line for each thing a person watching would want to know.
    """

    def __init__(self, parts: Sequence[Part | Step], *, logs: Path, run: Path, say: Callable[[str], None]) -> None:
        self._parts = parts
        self._logs = logs
        self._run = run
        self._say = say
        self._children: dict[str, Child] = {}
        self._up = {part.name: asyncio.Event() for part in parts}

    async def keep_running(self, until: asyncio.Event, once_up: Callable[[], None]) -> None:
        """Starts every part, calls `once_up` when all are ready, and returns when `until` is set and all are stopped.

        Raises `Trouble` or `OSError` when a part does not come up the first time; by then the others have been stopped.
        A part that ends later is started again, for ever.
        """
        stopper = asyncio.create_task(until.wait())
        watched: set[asyncio.Task[Any]] = {stopper, asyncio.create_task(self._announce(once_up))}
        for part in self._parts:
            watched.add(asyncio.create_task(self._keep(part) if isinstance(part, Part) else self._do(part)))
        try:
            while not stopper.done():
                done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in watched:
                task.cancel()
            await asyncio.gather(*watched, return_exceptions=True)
            await self._stop_all()

    async def _announce(self, once_up: Callable[[], None]) -> None:
        for up in self._up.values():
            await up.wait()
        once_up()

    async def _keep(self, part: Part) -> None:
        child = await self._bring_up(part)
        self._up[part.name].set()
        began = time.monotonic()
        pause = 0.0
        while True:
            how = await self._comes_to_an_end(part, child)
            if part.needed_at_each_start:
                self._up[part.name].clear()
            if time.monotonic() - began > _STEADY_AFTER_SECONDS:
                pause = 0.0
            self._say(f"{part.name} {how}; starting it again" + _in_seconds(pause))
            await asyncio.sleep(pause)
            pause = min(max(0.5, pause * 2), _LONGEST_PAUSE_SECONDS)
            began = time.monotonic()
            try:
                child = await self._bring_up(part)
            except (Trouble, OSError) as failed:
                self._say(str(failed).partition("\n")[0])
                child = self._children[part.name]
            else:
                self._up[part.name].set()
                self._say(f"{part.name} is back")

    async def _comes_to_an_end(self, part: Part, child: Child) -> str:
        """Waits until `child` ends, or hangs and has been ended; says how it was."""
        silence = asyncio.create_task(_falls_silent(part))
        ended = asyncio.create_task(_ends(child, within=math.inf))
        try:
            await asyncio.wait({silence, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            silence.cancel()
            ended.cancel()
        if (code := child.poll()) is not None:
            return _how_it_ended(code)
        await self._stop(part)
        return f"has not answered for {part.silent_for:.0f} s"

    async def _bring_up(self, part: Part) -> Child:
        await asyncio.to_thread(part.prepare)
        child = self._spawn(part.name, part.command(), part.stop[0][0])
        noted = child.pid is not None
        began = await self._begin(part, child)
        deadline = time.monotonic() + part.ready_within
        while not (noted and await part.is_ready(began)):
            noted = noted or self._remember(part.name, child, part.stop[0][0])
            if (code := child.poll()) is not None:
                raise self._failed(part.name, _how_it_ended(code))
            if time.monotonic() > deadline:
                await self._stop(part)
                raise self._failed(part.name, f"was not ready within {part.ready_within:.0f} s")
            await asyncio.sleep(_TICK_SECONDS)
        return child

    async def _do(self, step: Step) -> None:
        child = self._spawn(step.name, step.command(), signal.SIGTERM)
        await self._begin(step, child)
        if not await _ends(child, within=step.ends_within):
            raise self._failed(step.name, f"did not end within {step.ends_within:.0f} s")
        if code := child.poll():
            raise self._failed(step.name, _how_it_ended(code))
        forget(self._record(step.name))
        self._up[step.name].set()

    async def _begin(self, part: Part | Step, child: Child) -> datetime:
        """Lets `child` begin once what it comes after is ready; returns that moment."""
        for name in part.after:
            if name in self._up:
                await self._up[name].wait()
        began = datetime.now(UTC)
        child.begin()
        return began

    def _spawn(self, name: str, command: Startable, stop_signal: signal.Signals) -> Child:
        child = command.start(self._log(name))
        self._children[name] = child
        self._remember(name, child, stop_signal)
        return child

    def _remember(self, name: str, child: Child, stop_signal: signal.Signals) -> bool:
        """Writes `child` down once there is a process to write down; returns whether there is."""
        if child.pid is not None:
            remember(self._record(name), child.pid, stop_signal)
        return child.pid is not None

    async def _stop_all(self) -> None:
        for part in reversed(self._parts):
            await self._stop(part)

    async def _stop(self, part: Part | Step) -> None:
        child = self._children.get(part.name)
        if child is None:
            return
        attempts = part.stop if isinstance(part, Part) else ((signal.SIGTERM, 2.0),)
        for attempt, patience in (*attempts, (signal.SIGKILL, 5.0)):
            # One that has no process yet never gets one: what it would be a fork of is stopped, too.
            if child.pid is not None and child.poll() is None:
                child.send_signal(attempt)
                await _ends(child, within=patience)
        forget(self._record(part.name))

    def _failed(self, name: str, how: str) -> StartFailed:
        log = self._log(name)
        last_lines = log.read_text(errors="replace").splitlines()[-15:]
        return StartFailed("\n  ".join([f"{name} {how}; see {log}", *last_lines]))

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _record(self, name: str) -> Path:
        return self._run / f"{name}.json"


async def _falls_silent(part: Part) -> None:
    """Waits until a part has not been alive for as long as it is given."""
    ask, since = part.is_alive, math.inf
    if ask is None:
        await asyncio.Event().wait()
        return
    while time.monotonic() - since < part.silent_for:
        await asyncio.sleep(min(_ASK_SECONDS, part.silent_for / 4))
        asked = time.monotonic()
        # From the first no on, by the clock of the asking: who asks may have been held up, too.
        since = math.inf if await ask() else min(since, asked)


async def _ends(child: Child, within: float) -> bool:
    """Whether `child` ends within so many seconds."""
    tick = _TICK_SECONDS if within < math.inf else _WATCH_SECONDS
    deadline = time.monotonic() + within
    while child.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  no event tells it on every system
        await asyncio.sleep(tick)
    return child.returncode is not None


def _how_it_ended(code: int) -> str:
    return f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"


def _in_seconds(pause: float) -> str:
    return f" in {pause:.1f} s" if pause else ""
