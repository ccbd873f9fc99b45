"""Time limits for requests that arrive slowly, and a limit on connections per client. Without them a few machines that
send a byte now and then could use up all connections and keep everybody else out."""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.client_address import Device
from api.http.forwarded import parsed
from runtime.settings import Settings

SLOWEST_BODY = 64_000
"""A body gets one more second for every so many bytes: a large file takes its time on a slow line."""
LONGEST_HEAD = 64 * 1024
"""The largest head of a request, in bytes: its first line and its headers."""


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request, head or body, does not arrive in time (408, unless it was answered already),
    whose head is too long (431), or whose client has too many connections open (429).

    Between two requests the server's keep-alive decides. Made by `patient_protocol`, which gives it settings.
    """

    settings: Settings
    open_by_client: Counter[str]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._head = self._body = 0
        self._in_body = False
        self._counted = self._client()
        if self._counted:
            self.open_by_client[self._counted] += 1
            if self.open_by_client[self._counted] > self.settings.connections_per_client:
                self._refuse(HTTPStatus.TOO_MANY_REQUESTS)
                return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._counted:
            self.open_by_client[self._counted] -= 1
            if not self.open_by_client[self._counted]:
                del self.open_by_client[self._counted]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._in_body:
            self._head += len(data)
            if self._timer is None:
                self._wait_for_head()
        super().data_received(data)
        if not self._in_body and self._head > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._in_body, self._body, self._head = True, 0, 0
        self._began = self.loop.time()
        self._timer = self.loop.call_later(self.settings.request_seconds, self._look_at_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        self._in_body, self._head = False, 0
        super().on_message_complete()

    def _client(self) -> str | None:
        """The client whose connections are counted; None for a trusted proxy, which connects for many clients."""
        address = parsed(self.client[0]) if self.client else None
        if address is None or any(address in network for network in self.settings.trusted_proxies):
            return None
        return Device(str(address), None).neighbourhood

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(self.settings.request_seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _look_at_body(self) -> None:
        left = self._began + self.settings.request_seconds + self._body / SLOWEST_BODY - self.loop.time()
        if self.flow.read_paused:
            # We have stopped reading ourselves, so the client is not late.
            left = self.settings.request_seconds
        if left > 0:
            self._timer = self.loop.call_later(left, self._look_at_body)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._stop_waiting()
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        answered = self._in_body and self.cycle is not None and self.cycle.response_started
        if not answering and not answered:
            again = b"retry-after: 1\r\n" if status is HTTPStatus.TOO_MANY_REQUESTS else b""
            self.transport.write(STATUS_LINE[status] + again + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()


def patient_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol of one server, which counts its own connections."""
    attributes: dict[str, Any] = {"settings": settings, "open_by_client": Counter()}
    return type("PatientProtocolOfThisServer", (PatientProtocol,), attributes)
