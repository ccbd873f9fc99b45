"""The embedded Postgres: how its data folder is made, how the server is run, and the addresses it answers at."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import psutil

from ops.embedded import postgres_place, postgres_roles
from ops.embedded.ports import free_port
from ops.embedded.secrets import Secrets, load_or_create
from ops.process import Command
from ops.trouble import Trouble

# Signals in the order in which they are tried, with the seconds each is given: a fast shutdown, then an immediate one.
STOP = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 2.0))

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # For many short transactions on few cores, preparing for long queries costs more than it saves.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_lock_waits": "on",
    # Without the details of an error, which quote the row.
    "log_error_verbosity": "terse",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(Trouble):
    """Postgres could not be made or started; the sentence holds what it said."""


class Postgres:
    """The Postgres of one home, listening on 127.0.0.1 only.

    With `durable=False` it may lose data when the machine stops, which is what tests want.
    """

    def __init__(self, home: Path, port: int, secrets: Secrets, *, durable: bool = True) -> None:
        self._home = home.absolute()
        self._port = port
        self._secrets = secrets
        self._durable = durable

    @property
    def superuser_url(self) -> str:
        """The address for what only a superuser may do, as SQLAlchemy writes it."""
        return self.superuser_url_of("postgres")

    @property
    def owner_url(self) -> str:
        """The address of the role that owns the tables, for migrations."""
        return self.owner_url_of(postgres_roles.DATABASE)

    @property
    def app_url(self) -> str:
        """The address of the role that the application has: it owns nothing and bypasses nothing."""
        return self.app_url_of(postgres_roles.DATABASE)

    def superuser_url_of(self, database: str) -> str:
        """As `superuser_url`, for another database."""
        return self._url("postgres", self._secrets.superuser_password, database)

    def owner_url_of(self, database: str) -> str:
        """As `owner_url`, for another database."""
        return self._url(postgres_roles.OWNER, self._secrets.owner_password, database)

    def app_url_of(self, database: str) -> str:
        """As `app_url`, for another database."""
        return self._url(postgres_roles.APP, self._secrets.app_password, database)

    @property
    def has_data(self) -> bool:
        """Whether there is a data folder. Raises as `prepare`."""
        return (self._place.data / "PG_VERSION").exists()

    def prepare(self) -> None:
        """Ends what an earlier server left in our data folder, and makes that folder when there is none.

        Raises `PostgresFailed`, `postgres_place.DataShared` and `OSError`.
        """
        _end_leftovers(self._place.data)
        # The server refuses to start when this file names a living process, which by now can only be a foreign one.
        (self._place.data / "postmaster.pid").unlink(missing_ok=True)
        if not self.has_data:
            self._make_data()

    def command(self) -> Command:
        """How to run the server, after `prepare`."""
        settings = {**_SETTINGS, **(_DURABLE if self._durable else _FORGETFUL), "port": str(self._port)}
        return Command(
            argv=[
                str(self._place.programs / "postgres"),
                *("-D", str(self._place.data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            environment=_ENVIRONMENT,
            run_as=self._place.user.run_as,
            death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Whether the server answers and has our roles and our database; makes those that are missing.

        Raises `PostgresFailed` when it does not know our password.
        """
        try:
            return postgres_roles.bootstrap(
                self.superuser_url, self._secrets.owner_password, self._secrets.app_password
            )
        except postgres_roles.PasswordRefused as refused:
            raise PostgresFailed(
                f"the database in {self._home} was made with other secrets than {self._home / 'secrets.json'}; "
                "restore that file, or remove both to start anew"
            ) from refused

    def create_database(self, name: str, template: str | None = None) -> None:
        """Makes another database, empty or as a copy of `template`, to which nobody may be connected meanwhile."""
        postgres_roles.create_database(self.superuser_url, name, template)

    def drop_database(self, name: str) -> None:
        """Removes a database, ending the connections to it."""
        postgres_roles.drop_database(self.superuser_url, name)

    @cached_property
    def _place(self) -> postgres_place.Place:
        return postgres_place.find_place(self._home)

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self._port}/{database}?sslmode=disable"

    def _make_data(self) -> None:
        """Runs initdb aside and moves the result into place, so that a half-made folder is never taken for a whole."""
        place = self._place
        for half_made in place.folder.glob("making-*"):
            shutil.rmtree(half_made)
        shutil.rmtree(place.data, ignore_errors=True)
        making = Path(tempfile.mkdtemp(dir=place.folder, prefix="making-"))
        place.user.own(making)
        password = making / "password"
        password.touch(mode=0o600)
        password.write_text(self._secrets.superuser_password)
        place.user.own(password)
        made = subprocess.run(
            [
                str(place.programs / "initdb"),
                *("--pgdata", str(making / "data"), "--username", "postgres", "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "builtin"),
                *("--locale", "C.UTF-8", "--no-instructions"),
                *(() if self._durable else ("--no-sync",)),
            ],
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **place.user.run_as,
        )
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed: {made.stdout.strip()}")
        (making / "data").rename(place.data)
        shutil.rmtree(making)


@contextmanager
def running(home: Path, *, durable: bool = False) -> Iterator[Postgres]:
    """A Postgres in `home` on a free port, for as long as the block lasts; its data is removed afterwards.

    For tests. Raises `PostgresFailed` when it is not ready within 30 seconds.
    """
    home.mkdir(parents=True, exist_ok=True)
    postgres = Postgres(home, free_port(), load_or_create(home), durable=durable)
    try:
        with serving(postgres, home / "postgres.log", stop=signal.SIGQUIT):
            yield postgres
    finally:
        postgres_place.remove(home.absolute())


@contextmanager
def serving(postgres: Postgres, log: Path, *, stop: signal.Signals = signal.SIGINT) -> Iterator[None]:
    """Runs a Postgres for as long as the block lasts. Raises `PostgresFailed` when it is not ready within 30 seconds,
    and what `prepare` raises."""
    postgres.prepare()
    server = postgres.command().start(log)
    try:
        deadline = time.monotonic() + 30
        while not postgres.is_ready():
            if server.poll() is not None or time.monotonic() > deadline:
                raise PostgresFailed(f"Postgres is not ready; it said: {log.read_text()[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        server.send_signal(stop)
        server.wait(timeout=30)


def _end_leftovers(data: Path) -> None:
    """Ends the servers and orphaned backends that work in `data`: each has it as its working directory."""
    # A backend ends by itself once its server has, so a fast shutdown is asked of servers only.
    for attempt, patience in ((signal.SIGINT, 5.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)):
        ours = [process for process in psutil.process_iter(["name", "cwd", "ppid"]) if _works_in(process, data)]
        if not ours:
            return
        for process in ours:
            if attempt == signal.SIGINT and process.info["ppid"] in {other.pid for other in ours}:
                continue
            with suppress(psutil.NoSuchProcess):
                process.send_signal(attempt)
        psutil.wait_procs(ours, timeout=patience)


def _works_in(process: psutil.Process, data: Path) -> bool:
    name, folder = process.info["name"], process.info["cwd"]
    return (name, folder) == ("postgres", str(data.resolve()))
