"""A minimal HTTP client for the load generator: one kept-alive connection, one request at a time."""

import asyncio
import json
from typing import Any


class UnexpectedAnswer(Exception):
    """The API answered with something that is no figure; the sentence says what."""


class HttpConnection:
    """A connection to the API, made anew when the API has closed it for idleness.

    Answers must carry a Content-Length, as the API's do.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def closed(self) -> bool:
        """Whether there is no connection: not yet, or not any more."""
        return self._streams is None or self._streams[0].at_eof()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError where nobody listens, UnexpectedAnswer for half an answer."""
        if self._streams is None or self.closed:
            self.close()
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            return int(head[9:12]), await reader.readexactly(_content_length(head))
        except asyncio.IncompleteReadError as cut:
            raise UnexpectedAnswer("The API has closed the connection.") from cut

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


def request(
    method: str, path: str, *, token: str | None = None, cookies: str | None = None, body: dict[str, Any] | None = None
) -> bytes:
    """The bytes of a request with `body` as JSON, as the person of `token`, or of a browser with these `cookies`."""
    content = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: casewright", f"Content-Length: {len(content)}"]
    if body is not None:
        lines.append("Content-Type: application/json")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if cookies:
        lines.append(f"Cookie: {cookies}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    if not found:
        raise UnexpectedAnswer("The API has answered without a Content-Length.")
    return int(rest.partition(b"\r\n")[0])
