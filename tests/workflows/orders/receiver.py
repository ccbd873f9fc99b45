"""A tenant's own system: it remembers what it was asked, and answers well or badly."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
HUGE = 10_000_000
ANSWERS = {
    "well": OK,
    "twice": OK + OK,
    "with a failure": b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
    "with another address": b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    "with nonsense": b"SSH-2.0-OpenSSH_9.6\r\n",
    "with nothing": b"",
    "at length": b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % HUGE + b"x" * HUGE,
}


class Receiver:
    """`answers` is one of `ANSWERS`, `"never"`, or `"a byte at a time"`."""

    def __init__(self) -> None:
        self.answers = "well"
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What it was asked, in order."""
        return [json.loads(body) for _, body in self.asked]

    @property
    def open_lines(self) -> set[str]:
        """The lines that it was asked to fulfil, and not to undo, whatever came in between."""
        types = {call["data"]["line_id"]: call["type"] for call in self.calls}
        return {line for line, last in types.items() if last == "order.line.fulfil"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one call."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(_header(line) for line in head[1:] if line)
            self.asked.append((headers, await reader.readexactly(int(headers["content-length"]))))
            if self.answers == "never":
                await reader.read()
            elif self.answers == "a byte at a time":
                for byte in b"HTTP/1.1 200 OK\r\nx-" + b"x" * 100:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
            else:
                writer.write(ANSWERS[self.answers])
                await writer.drain()
        writer.close()


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/orders"
    yield receiver
    server.close()
