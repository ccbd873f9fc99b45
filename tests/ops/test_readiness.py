import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from ops import readiness
from ops.embedded.ports import free_port
from ops.embedded.postgres import Postgres
from ops.readiness import GRPC_HELLO, POSTGRES_HELLO, answers_200, beats, listens, speaks
from tests.stack.engines import dev_server


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name is the library's
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


async def test_an_api_is_ready_when_it_says_so_itself(port: int) -> None:
    assert await listens("127.0.0.1", port)
    assert await answers_200("127.0.0.1", port, "/readyz")
    assert await answers_200("0.0.0.0", port, "/readyz")
    assert not await answers_200("127.0.0.1", port, "/not-yet")


async def test_nobody_there_is_not_ready() -> None:
    port = free_port()
    assert not await listens("127.0.0.1", port)
    assert not await answers_200("127.0.0.1", port, "/readyz")


async def test_servers_say_something(migrated_postgres: Postgres) -> None:
    assert await speaks("127.0.0.1", make_url(migrated_postgres.app_url).port or 0, POSTGRES_HELLO)
    async with await dev_server() as environment:
        host, _, port = environment.client.service_client.config.target_host.partition(":")
        assert await speaks(host, int(port), GRPC_HELLO)


async def test_one_that_hangs_says_nothing_though_its_connections_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_PATIENCE_WITH_THE_BUSY_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        assert await listens("127.0.0.1", port)
        assert not await speaks("127.0.0.1", port)
        assert not await readiness.is_alive("127.0.0.1", port)


def test_a_pulse_that_stops_is_noticed(tmp_path: Path) -> None:
    pulse = tmp_path / "worker.pulse"
    assert not beats(pulse)
    pulse.touch()
    assert beats(pulse)
    os.utime(pulse, (time.time() - 60,) * 2)
    assert not beats(pulse)
