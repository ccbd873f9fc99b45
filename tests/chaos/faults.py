"""What can happen to the parts of a stack."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random

import psutil

from tests.chaos.mail import Mood, MoodyMailServer
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

BACK_WITHIN = 90.0
_SHORTEST, _LONGEST = 2.0, 15.0
_PARTS = ("worker", "api", "temporal", "postgres")


@dataclass(frozen=True)
class Scene:
    """Where faults happen. `mail` is the stack's mail server when that has moods."""

    stack: RunningStack
    random: Random
    mail: MoodyMailServer | None = None


@dataclass(frozen=True)
class Fault:
    """`strikes` begins it; leaving the block it gives is its end. Recovery counts from there, or from the beginning
    when commands are to be answered all the same."""

    name: str
    strikes: Callable[[Scene], AbstractAsyncContextManager[None]]
    answered_meanwhile: bool = False


def killed(part: str, by: signal.Signals = signal.SIGKILL) -> Fault:
    """A part ends at once."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        os.kill(scene.stack.part(part), by)
        yield

    return Fault(f"{part} killed" if by is signal.SIGKILL else f"{part} by {by.name}", strike)


def paused(part: str) -> Fault:
    """A part, with all its processes, stands still for some seconds."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        async with _standing_still(_family(scene.stack, part)):
            await asyncio.sleep(scene.random.uniform(_SHORTEST, _LONGEST))
            yield

    return Fault(f"{part} pauses", strike)


def hung(part: str) -> Fault:
    """A part stands still until the supervisor has had enough of it."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        process = psutil.Process(scene.stack.part(part))
        async with _standing_still([process]):
            await eventually(lambda: not _lives(process), f"{part}, which hangs, is ended", within=BACK_WITHIN)
        yield

    return Fault(f"{part} hangs", strike)


def sessions_frozen() -> Fault:
    """Every session of Postgres that waits for us falls silent; new ones are fine."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        sessions = _sessions(scene.stack)
        async with _standing_still(sessions):
            for session in sessions:
                # One that was at work would keep its locks, which no line does that is cut.
                if not _title(session).endswith(" idle"):
                    with suppress(psutil.NoSuchProcess):
                        session.resume()
            yield
            await asyncio.sleep(scene.random.uniform(_SHORTEST, _LONGEST))

    return Fault("sessions freeze", strike, answered_meanwhile=True)


def moody(mood: Mood) -> Fault:
    """The mail server is in a mood."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        if scene.mail is None:
            raise ValueError("this stack's mail server has no moods")
        async with scene.mail.in_mood(mood):
            yield
            await asyncio.sleep(scene.random.uniform(_SHORTEST, _LONGEST))

    return Fault(mood.value, strike, answered_meanwhile=True)


def both(one: Fault, other: Fault) -> Fault:
    """Two at once."""

    @asynccontextmanager
    async def strike(scene: Scene) -> AsyncIterator[None]:
        async with one.strikes(scene), other.strikes(scene):
            yield

    return Fault("two at once", strike)


EVERY = (
    *(killed(part) for part in (*_PARTS, "fork-server")),
    killed("postgres", signal.SIGQUIT),
    *(paused(part) for part in _PARTS),
    *(hung(part) for part in _PARTS),
    sessions_frozen(),
    *(moody(mood) for mood in Mood),
    both(killed("worker"), killed("temporal")),
    both(killed("api"), killed("postgres")),
    both(killed("worker"), moody(Mood.FORGETS_TO_ANSWER)),
)

IN_SMALL = (*(killed(part) for part in _PARTS), killed("postgres", signal.SIGQUIT))
"""Those that take seconds."""


async def until_all_live(stack: RunningStack) -> None:
    """Waits until every part that was struck is there again."""
    await eventually(lambda: all(_runs(stack, part) for part in _PARTS), "every part is back", within=BACK_WITHIN)


def _runs(stack: RunningStack, part: str) -> bool:
    try:
        return _lives(psutil.Process(stack.part(part)))
    except (psutil.Error, OSError, ValueError):
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _family(stack: RunningStack, part: str) -> list[psutil.Process]:
    head = psutil.Process(stack.part(part))
    return [head, *head.children(recursive=True)]


def _sessions(stack: RunningStack) -> list[psutil.Process]:
    """The processes that serve our connections, among those of Postgres."""
    return [process for process in _family(stack, "postgres")[1:] if "127.0.0.1(" in _title(process)]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


@asynccontextmanager
async def _standing_still(processes: Iterable[psutil.Process]) -> AsyncIterator[None]:
    stopped = []
    try:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                stopped.append(process)
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()
