"""Functions that run as forks of a process that has imported them."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from ops.forks import ForkServer
from ops.home import Home
from ops.process import Child
from ops.supervisor import Part, Supervisor
from ops.trouble import Trouble
from tests.stack.waiting import eventually

_DEEDS = """
import json, os, sys, time
from ops.trouble import Trouble
from runtime.build import digest_of_code

print('said while it is imported')

def tell():
    leads_its_session = os.getsid(0) == os.getpid()
    digests_known = digest_of_code.cache_info().currsize
    print(json.dumps([dict(os.environ), os.getppid(), leads_its_session, sys.stdin.read(), digests_known]))

def refuse():
    raise Trouble('not today')

def break_down():
    raise ValueError('a defect')

def work():
    print('at work')
    time.sleep(60)
"""


@pytest.fixture
def not_started(tmp_path: Path) -> Iterator[ForkServer]:
    (tmp_path / "deeds.py").write_text(_DEEDS)
    environment = {**os.environ, "PYTHONPATH": f".{os.pathsep}{tmp_path}", "PYTHONUNBUFFERED": "1", "NAME": "server"}
    server = ForkServer([f"deeds:{name}" for name in ("tell", "refuse", "break_down", "work")], environment)
    yield server
    running = _now_running(server)
    if running is not None:
        running.send_signal(signal.SIGKILL)


@pytest.fixture
def server(not_started: ForkServer, tmp_path: Path) -> ForkServer:
    not_started.start(tmp_path / "server.log")
    return not_started


def _now_running(server: ForkServer) -> Child | None:
    try:
        return server.running.process
    except Trouble:
        return None


def _begun(server: ForkServer, name: str, log: Path, **environment: str) -> Child:
    child = server.fork(f"deeds:{name}", environment).start(log)
    child.begin()
    return child


async def _ended(child: Child) -> int:
    await eventually(lambda: child.poll() is not None, "it has ended")
    assert child.returncode is not None
    return child.returncode


async def test_a_fork_begins_when_told_with_an_environment_and_a_log_of_its_own(
    server: ForkServer, tmp_path: Path
) -> None:
    await eventually(server.answers, "it has imported what there is")
    await eventually(server.answers, "it answers again")
    waiting = server.fork("deeds:tell", {"NAME": "never"}).start(tmp_path / "never.log")
    assert waiting.pid is None
    one, other = (_begun(server, "tell", tmp_path / f"{name}.log", NAME=name) for name in ("one", "other"))
    assert (await _ended(one), await _ended(other)) == (0, 0)
    for child, name in ((one, "one"), (other, "other")):
        told = json.loads((tmp_path / f"{name}.log").read_text())
        assert told == [{"NAME": name}, server.running.process.pid, True, "", 1]
        assert child.pid not in (None, server.running.process.pid)
    assert (waiting.pid, waiting.poll()) == (None, None)
    assert not (tmp_path / "never.log").exists()
    assert (tmp_path / "server.log").read_text() == "said while it is imported\n"


async def test_how_it_ended_is_told(server: ForkServer, tmp_path: Path) -> None:
    refused, broken, working = (_begun(server, name, tmp_path / name) for name in ("refuse", "break_down", "work"))
    assert (await _ended(refused), await _ended(broken)) == (1, 1)
    assert (tmp_path / "refuse").read_text() == "not today\n"
    assert (tmp_path / "break_down").read_text().endswith("ValueError: a defect\n")
    await eventually(lambda: (tmp_path / "work").exists() and (tmp_path / "work").read_text(), "it is at work")
    working.send_signal(signal.SIGTERM)
    assert await _ended(working) == -signal.SIGTERM
    working.send_signal(signal.SIGTERM)


async def test_forks_end_with_their_server_and_none_begins_until_it_is_back(server: ForkServer, tmp_path: Path) -> None:
    working = _begun(server, "work", tmp_path / "work")
    await eventually(lambda: working.pid, "it has begun")
    process = psutil.Process(working.pid)
    server.running.process.send_signal(signal.SIGKILL)
    assert await _ended(working) == -signal.SIGKILL
    await eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "it is gone")
    assert not server.answers()
    too_early = server.fork("deeds:work", {}).start(tmp_path / "work")
    with pytest.raises(Trouble, match="does not run"):
        too_early.begin()
    assert (too_early.pid, too_early.poll()) == (None, 1)
    server.start(tmp_path / "server.log")
    assert await _ended(_begun(server, "tell", tmp_path / "told")) == 0


async def test_what_cannot_be_imported_ends_the_server(tmp_path: Path) -> None:
    server = ForkServer(["no_such_module:do"], os.environ)
    assert await _ended(server.start(tmp_path / "log")) == 1
    assert "No module named 'no_such_module'" in (tmp_path / "log").read_text()


async def test_under_a_supervisor_what_dies_comes_back(not_started: ForkServer, tmp_path: Path) -> None:
    home, said, server = Home(tmp_path / "home"), [], not_started
    home.make()

    async def answers(_: datetime | None = None) -> bool:
        return server.answers()

    async def works(_: datetime) -> bool:
        return (home.logs / "worker.log").exists() and (home.logs / "worker.log").read_text().count("at work") > deaths

    parts = [
        Part(
            "fork-server",
            prepare=lambda: time.sleep(0.3),
            command=lambda: server,
            is_ready=answers,
            needed_at_each_start=True,
        ),
        Part("worker", command=lambda: server.fork("deeds:work", {}), is_ready=works, after=("fork-server",)),
    ]
    up, stop, deaths = asyncio.Event(), asyncio.Event(), 0
    supervisor = Supervisor(parts, logs=home.logs, run=home.run, say=said.append)
    running = asyncio.create_task(supervisor.keep_running(stop, up.set))
    await asyncio.wait({running, asyncio.create_task(up.wait())}, return_when="FIRST_COMPLETED")
    for victim in ("worker", "fork-server"):
        deaths += 1  # noqa: SIM113  asked for while the part comes up
        psutil.Process(json.loads((home.run / f"{victim}.json").read_text())["pid"]).kill()
        await eventually(lambda: said.count("worker is back") == deaths, f"{victim} is back")  # noqa: B023
    last = psutil.Process(json.loads((home.run / "worker.json").read_text())["pid"])
    stop.set()
    await asyncio.wait_for(running, 20)
    assert not last.is_running() or last.status() == psutil.STATUS_ZOMBIE
    assert list(home.run.glob("*.json")) == []
