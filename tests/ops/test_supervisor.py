"""The supervisor with small programs in place of the real parts; `tests/e2e` has it with the real ones."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from ops.home import Home
from ops.process import Command
from ops.supervisor import Part, StartFailed, Step, Supervisor
from ops.trouble import Trouble
from tests.stack.waiting import eventually

WORK = "import time, pathlib; pathlib.Path(MARK).touch(); time.sleep(60)"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.make()
    return home


def _runs(home: Home, name: str, program: str) -> Callable[[], Command]:
    return lambda: Command([sys.executable, "-c", f"MARK = {str(home.path / name)!r}\n{program}"], dict(os.environ))


def _marked(home: Home, name: str) -> Callable[[datetime], Awaitable[bool]]:
    async def is_ready(_: datetime) -> bool:
        return (home.path / name).exists()

    return is_ready


def _part(home: Home, name: str, program: str = WORK, *, after: tuple[str, ...] = (), patience: float = 10) -> Part:
    return Part(
        name,
        command=_runs(home, name, program),
        is_ready=_marked(home, name),
        prepare=lambda: (home.path / name).unlink(missing_ok=True),
        after=after,
        ready_within=10,
        stop=((signal.SIGTERM, patience),),
    )


class _Running:
    """A supervisor at work, and what it has said."""

    def __init__(self, home: Home, parts: list[Part | Step]) -> None:
        self._others = psutil.Process().children()  # Such as a database that other tests share.
        self.said: list[str] = []
        self.up = asyncio.Event()
        self.stop = asyncio.Event()
        supervisor = Supervisor(parts, logs=home.logs, run=home.run, say=self.said.append)
        self.task = asyncio.create_task(supervisor.keep_running(self.stop, self.up.set))

    def children(self) -> list[psutil.Process]:
        """The processes that it has started and that are still there."""
        return [child for child in psutil.Process().children() if child not in self._others]


@asynccontextmanager
async def _running(home: Home, *parts: Part | Step) -> AsyncIterator[_Running]:
    running = _Running(home, list(parts))
    try:
        await asyncio.wait({running.task, asyncio.create_task(running.up.wait())}, return_when="FIRST_COMPLETED")
        yield running
    finally:
        running.stop.set()
        await asyncio.wait_for(running.task, 20)
        assert running.children() == []
        assert list(home.run.glob("*.json")) == []


async def test_parts_begin_when_what_they_come_after_is_ready(home: Home) -> None:
    tell = (
        "import sys, time\nsys.stdin.readline()\nwith open(MARK + '.log', 'w') as f: f.write(str(time.monotonic()))\n"
    )
    on_call = _part(home, "api", tell + WORK, after=("migrations", "elsewhere"))
    command = on_call.command()
    on_call = replace(on_call, command=lambda: replace(command, on_call=True))
    migrations = Step("migrations", _runs(home, "migrations", tell.replace("sys.stdin.readline()", "time.sleep(0.3)")))
    async with _running(home, on_call, migrations) as running:
        assert running.up.is_set()
        began = {name: float((home.path / f"{name}.log").read_text()) for name in ("api", "migrations")}
        assert began["api"] > began["migrations"]
    assert running.said == []


async def test_a_part_that_dies_is_reported_and_started_again(home: Home) -> None:
    async with _running(home, _part(home, "worker")) as running:
        [first] = running.children()
        first.kill()
        await eventually(lambda: "worker is back" in running.said, "the worker is back")
        assert running.said[0] == "worker was ended by SIGKILL; starting it again"
        [second] = running.children()
        second.kill()
        await eventually(lambda: running.said.count("worker is back") == 2, "the worker is back again")
        assert running.said[2] == "worker was ended by SIGKILL; starting it again in 0.5 s"


async def test_a_part_that_hangs_is_started_again(home: Home) -> None:
    beat = "import time, pathlib\nwhile True: pathlib.Path(MARK).touch(); time.sleep(0.05)"

    async def is_alive() -> bool:
        return time.time() - (home.path / "worker").stat().st_mtime < 1

    part = replace(_part(home, "worker", beat, patience=0.2), is_alive=is_alive, silent_for=1.0)
    async with _running(home, part, _part(home, "api")) as running:
        first = next(child for child in running.children() if "while True" in child.cmdline()[-1])
        first.suspend()
        await eventually(lambda: "worker is back" in running.said, "the worker is back")
        assert running.said == ["worker has not answered for 1 s; starting it again", "worker is back"]
        assert not first.is_running()


async def test_one_that_cannot_come_back_is_tried_again(home: Home) -> None:
    fail_once = (
        "import pathlib, sys, time\n"
        "tries = pathlib.Path(MARK + '.tries')\n"
        "with tries.open('a') as f: f.write('x')\n"
        "if tries.read_text() == 'xx': sys.exit('out of order')\n"
    )
    async with _running(home, _part(home, "worker", fail_once + WORK)) as running:
        running.children()[0].kill()
        await eventually(lambda: "worker is back" in running.said, "the worker is back")
    assert running.said[1] == f"worker ended with code 1; see {home.logs / 'worker.log'}"


async def test_a_part_that_does_not_start_stops_all_and_shows_its_log(home: Home) -> None:
    broken = _part(home, "api", "raise SystemExit('the port is haunted')")
    running = _Running(home, [_part(home, "worker"), broken])
    with pytest.raises(StartFailed, match=r"api ended with code 1(.|\n)*the port is haunted"):
        await asyncio.wait_for(running.task, 20)
    assert not running.up.is_set()
    assert running.children() == []


async def test_a_part_that_is_never_ready_is_given_up(home: Home) -> None:
    running = _Running(home, [replace(_part(home, "api", "import time; time.sleep(60)"), ready_within=0.3)])
    with pytest.raises(StartFailed, match="api was not ready within 0 s"):
        await asyncio.wait_for(running.task, 20)
    assert running.children() == []


@pytest.mark.parametrize(
    ("program", "ends_within", "words"),
    [("raise SystemExit(3)", 20, "ended with code 3"), ("import time; time.sleep(60)", 0.5, "did not end")],
)
async def test_a_step_must_end_well(home: Home, program: str, ends_within: float, words: str) -> None:
    step = Step("migrations", _runs(home, "migrations", program), ends_within=ends_within)
    running = _Running(home, [step, _part(home, "api", after=("migrations",))])
    with pytest.raises(StartFailed, match=f"migrations {words}"):
        await asyncio.wait_for(running.task, 20)
    assert not (home.path / "api").with_suffix(".log").exists()
    assert running.children() == []


async def test_trouble_of_a_preparation_is_told(home: Home) -> None:
    def refuse() -> None:
        raise Trouble("no room")

    running = _Running(home, [replace(_part(home, "postgres"), prepare=refuse)])
    with pytest.raises(Trouble, match="no room"):
        await asyncio.wait_for(running.task, 20)


async def test_parts_are_stopped_in_reverse_and_the_deaf_are_killed(home: Home) -> None:
    note = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        "    with open(MARK + '.end', 'w') as f: f.write(str(time.monotonic()))\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave)\n"
    )
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    parts = [_part(home, "a", note + WORK), _part(home, "b", note + WORK), _part(home, "c", deaf + WORK, patience=0.5)]
    async with _running(home, *parts):
        pass
    ends = {name: float((home.path / f"{name}.end").read_text()) for name in ("a", "b")}
    assert ends["b"] < ends["a"]


_SUPERVISE = """
import asyncio, os, sys
from pathlib import Path
from tests.ops.test_supervisor import _part, _Running
from ops.home import Home

async def main():
    home = Home(Path(sys.argv[1]))
    home.make()
    running = _Running(home, [_part(home, "worker")])
    await asyncio.wait({running.task, asyncio.create_task(running.up.wait())}, return_when="FIRST_COMPLETED")
    if running.up.is_set():
        (home.path / "up").touch()
    await running.task

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
async def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SUPERVISE, str(tmp_path)), env={**os.environ, "PYTHONPATH": "."}
    )

    def is_up() -> bool:
        assert supervisor.returncode is None, "the supervisor has ended"
        return (tmp_path / "up").exists()

    try:
        await eventually(is_up, "the supervisor is up")
        [worker] = psutil.Process(supervisor.pid).children()
    finally:
        supervisor.kill()
        await supervisor.wait()
    await eventually(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, "the worker has ended")
