"""The supervisor's side of `ops.fork_server`: starts functions as forks of a process that has imported them."""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, cast

from ops.process import Child, Command, Process
from ops.trouble import Trouble


class ForkServer:
    """A process that imports `functions` (each `module:name`), of which every one can then be started.

    It is started anew when it has died; its forks die with it, and are forks of the new one from then on.
    """

    def __init__(self, functions: Sequence[str], environment: Mapping[str, str]) -> None:
        self._functions = functions
        self._environment = environment
        self._running: _Server | None = None

    def start(self, log: Path) -> Child:
        """Starts it; it is ready when it `answers`. Raises `OSError`."""
        argv = [sys.executable, "-m", "ops.fork_server", *self._functions]
        process = Command(argv, self._environment, talks=True).start(log)
        self._running = _Server(process)
        return process

    def answers(self) -> bool:
        """Whether it has answered since this was asked before."""
        return self._running is not None and self._running.process.poll() is None and self._running.answers()

    def fork(self, function: str, environment: Mapping[str, str]) -> "Forked":
        """What starts one of the functions, with `environment` (all of it)."""
        return Forked(self, function, environment)

    @property
    def running(self) -> "_Server":
        """The one that runs. Raises `Trouble` when none does."""
        if self._running is None or self._running.process.poll() is not None:
            raise Trouble("what it is a fork of does not run")
        return self._running


@dataclass(frozen=True)
class Forked:
    """A function that is to run as a fork of `server`."""

    server: ForkServer
    function: str
    environment: Mapping[str, str]

    def start(self, log: Path) -> Child:
        """A child that will be there once it is told to begin, which raises `Trouble` when the server does not run."""
        wanted = {"function": self.function, "environment": dict(self.environment), "log": str(log)}
        return _Fork(self.server, wanted)


class _Server:
    """One process of a fork server, and what it has told."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._asks, self._tells = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout).fileno()
        os.set_blocking(self._tells, False)
        self._numbers = count(1)
        self._unread = b""
        self._answered = False
        self.began: dict[int, int] = {}
        self.ended: dict[int, int] = {}
        self.ask({})

    def answers(self) -> bool:
        self.listen()
        answered, self._answered = self._answered, False
        if answered:
            self.ask({})
        return answered

    def next_number(self) -> int:
        return next(self._numbers)

    def ask(self, what: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # Whoever asks a dead one learns it from `poll`.
            self._asks.write(json.dumps(what).encode() + b"\n")

    def listen(self) -> None:
        with suppress(BlockingIOError):
            while told := os.read(self._tells, 65536):
                *lines, self._unread = (self._unread + told).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))

    def _take(self, told: dict[str, Any]) -> None:
        if "began" in told:
            self.began[told["began"]] = told["pid"]
        elif "ended" in told:
            self.ended[told["ended"]] = told["code"]
        else:
            self._answered = True


class _Fork:
    """A fork of a server, from before it is there until after its end."""

    def __init__(self, forks: ForkServer, wanted: dict[str, Any]) -> None:
        self._forks = forks
        self._wanted = wanted
        self._server: _Server | None = None
        self._number = 0
        self._pid: int | None = None
        self.returncode: int | None = None

    @property
    def pid(self) -> int | None:
        if self._pid is None and self._server is not None:
            self._server.listen()
            self._pid = self._server.began.pop(self._number, None)
        return self._pid

    def begin(self) -> None:
        try:
            self._server = self._forks.running
        except Trouble:
            self.returncode = 1
            raise
        self._number = self._server.next_number()
        self._server.ask({"number": self._number, **self._wanted})

    def poll(self) -> int | None:
        if self._server is None:
            return self.returncode
        self._server.listen()
        if self.returncode is None and self.pid is not None:
            self.returncode = self._server.ended.pop(self.pid, None)
        if self.returncode is None and self._server.process.poll() is not None:
            # On Linux it has died with the server.
            self._kill()
            self.returncode = -signal.SIGKILL
        return self.returncode

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, sig)

    def _kill(self) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
