"""Casewright as `make up` runs it: the real processes, in a home and on ports of their own."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
from temporalio.client import Client

from ops.embedded import postgres_place
from ops.embedded.ports import free_port
from ops.embedded.postgres import Postgres
from ops.embedded.postgres_roles import DATABASE
from ops.embedded.secrets import load_or_create
from ops.fast_forward import move_clock
from runtime.client import DATA_CONVERTER
from tests.stack.waiting import eventually

_PORTS = ("API", "TEMPORAL", "TEMPORAL_UI", "POSTGRES", "SMTP_CATCHER", "IMAP", "WORKER_METRICS")
_UP_WITHIN = 90.0
_STOPPED_WITHIN = 30.0
_FOREIGN = ("CASEWRIGHT_", "DATABASE_URL", "TEMPORAL_ADDRESS")


class RunningStack:
    """`casewright up` in `home`. What it prints is kept in `home/up.log`.

    `code` is the folder of another checkout whose code runs, as long as it is set; else it is this one's. `settings`
    are set in its environment.
    """

    def __init__(self, home: Path, code: Path | None = None, **settings: str) -> None:
        self.home = home
        self.code = code
        self._settings = settings
        self.output = home / "up.log"
        self.ports = {name: free_port() for name in _PORTS}
        self._process: subprocess.Popen[bytes] | None = None
        self._family: list[psutil.Process] = []

    @property
    def address(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.ports['API']}"

    @property
    def superuser_url(self) -> str:
        """The database as its superuser sees it: all tenants, for checking only."""
        return self._postgres().superuser_url.replace("+psycopg", "").replace("/postgres?", f"/{DATABASE}?")

    @property
    def app_url(self) -> str:
        """The database as the application's role sees it."""
        return self._postgres().app_url.replace("+psycopg", "")

    async def start(self) -> None:
        """Starts everything; returns when it says that it is up."""
        ups = self.said("Casewright is up")
        self._spawn()
        await eventually(lambda: self._has_come_up(ups), "the stack is up", within=_UP_WITHIN)

    def ask_to_stop(self) -> None:
        """Sends it SIGTERM, if it runs and has not been asked."""
        if self._process is not None and not self._family and not self._ended():
            self._family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.send_signal(signal.SIGTERM)

    async def stop(self) -> list[psutil.Process]:
        """Asks it to stop and waits; returns the processes of the stack that are still there."""
        self.ask_to_stop()
        if not self._family:
            return []
        family, self._family = self._family, []
        await eventually(self._ended, "the stack has stopped", within=_STOPPED_WITHIN)
        return [process for process in {*family, *self._strays()} if _lives(process)]

    def remove(self) -> None:
        """Ends what `stop` has not ended, and removes the data. Every part ends with its supervisor."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
            psutil.wait_procs(self._strays(), timeout=10)
        postgres_place.remove(self.home)

    def part(self, name: str) -> int:
        """The process id of a part of the stack: postgres, temporal, worker, api, mail-catcher, imap."""
        return int(json.loads((self.home / "run" / f"{name}.json").read_text())["pid"])

    def said(self, words: str) -> int:
        """How often the stack has printed `words`."""
        return self.output.read_text().count(words) if self.output.exists() else 0

    def log(self, part: str) -> str:
        """What a part has written."""
        return (self.home / "logs" / f"{part}.log").read_text(errors="replace")

    async def temporal(self) -> Client:
        """A client of its engine."""
        address = f"127.0.0.1:{self.ports['TEMPORAL']}"
        return await Client.connect(address, namespace="casewright", data_converter=DATA_CONVERTER)

    async def pass_time(self, case: str, by: timedelta) -> None:
        """Moves a case's clock, as `casewright fast-forward` does in a process of its own."""
        await move_clock(await self.temporal(), case, by)

    def command(self, *words: str, patience: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs `casewright <words>` on this stack, as from another terminal."""
        return subprocess.run(
            [sys.executable, "-m", "ops.main", *words],
            env=self._environment(),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )

    def _spawn(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ops.main", "up", "--with-parent"],
                env=self._environment(),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        """Ours without what would lead to another stack; the sweeps come more often, so that nobody waits for them."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        ports = {f"CASEWRIGHT_{name}_PORT": str(number) for name, number in self.ports.items()}
        code = {"PYTHONPATH": str(self.code)} if self.code else {}
        sweeps = {"CASEWRIGHT_SWEEP_EVERY_SECONDS": "2", "CASEWRIGHT_FILE_SWEEP_EVERY_SECONDS": "2"}
        own = {"CASEWRIGHT_HOME": str(self.home), **sweeps}
        return {**inherited, **ports, **own, **code, **self._settings}

    def _has_come_up(self, ups: int) -> bool:
        if self._ended():
            raise AssertionError(f"the stack did not start:\n{self.output.read_text()}")
        return self.said("Casewright is up") > ups

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _strays(self) -> list[psutil.Process]:
        """Processes that work in our home, whoever their parent is now."""
        folder = str((self.home / "postgres").resolve())
        return [process for process in psutil.process_iter() if _belongs(process, str(self.home), folder)]

    def _postgres(self) -> Postgres:
        return Postgres(self.home, self.ports["POSTGRES"], load_or_create(self.home))


def _belongs(process: psutil.Process, home: str, postgres: str) -> bool:
    try:
        if process.pid == os.getpid():
            return False
        return process.environ().get("CASEWRIGHT_HOME") == home or any(
            path in word for word in (*process.cmdline(), process.cwd()) for path in (home, postgres)
        )
    except psutil.Error:
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
