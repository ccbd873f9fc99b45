import http.server
import threading
from collections.abc import Iterator

import pytest

from ops.embedded.ports import free_port
from ops.readiness import answers_200, listens


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
