"""The server over a real socket: how long it waits for a request, and how many connections it grants one client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from ops.embedded.ports import free_port
from runtime.settings import Settings
from tests.stack.waiting import eventually
from web.serving import server_of

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
WITHIN = 20.0

Open = Callable[[], AbstractAsyncContextManager["Connection"]]


class Connection:
    """One client's connection, used byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, content: bytes) -> None:
        """Sends; nothing happens when the other side has gone."""
        try:
            self._writer.write(content)
            await self._writer.drain()
        except ConnectionError:
            pass

    async def hear(self) -> bytes:
        """One answer with its body."""
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), WITHIN)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head + await asyncio.wait_for(self._reader.readexactly(length), WITHIN)

    async def ended(self) -> bytes:
        """What comes until the server closes."""
        try:
            return await asyncio.wait_for(self._reader.read(), WITHIN)
        except ConnectionError:
            return b""

    async def trickle(self, content: bytes) -> bytes:
        """Sends the same again and again, little by little, until the server closes; what it said."""
        heard = asyncio.create_task(self.ended())
        while not heard.done():
            await self.say(content)
            await asyncio.wait({heard}, timeout=0.05)
        return await heard


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how much it got, and takes its time at `/slow`."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(**given: Any) -> AsyncIterator[Open]:
    settings = Settings(**{"api_port": free_port(), "request_seconds": 0.4, "embedded": False} | given, _env_file=None)
    config = server_of(app, settings)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")

    @asynccontextmanager
    async def connect() -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.api_port)
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()

    try:
        yield connect
    finally:
        server.should_exit = True
        await running


def test_half_a_minute_is_the_patience() -> None:
    assert Settings(_env_file=None).request_seconds == 30


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\nX-More: "])
async def test_a_head_that_does_not_come_is_waited_for_no_longer(begun: bytes) -> None:
    async with serving() as connect, connect() as one, connect() as another:
        await one.say(begun)
        assert (await one.ended()).startswith(b"HTTP/1.1 408 ")
        # Nor one that comes byte by byte, or never begins.
        await another.say(begun)
        assert b" 200 " not in await another.trickle(b"x" if begun else b"\r\n")


async def test_a_body_that_does_not_come_is_waited_for_no_longer() -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n"
    chunked = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving() as connect, connect() as silent, connect() as slow, connect() as endless:
        await silent.say(head)
        assert (await silent.ended()).startswith(b"HTTP/1.1 408 ")
        await slow.say(head)
        # A client that is still writing when the connection is closed may not receive the answer.
        assert b" 200 " not in await slow.trickle(b"x")
        await endless.say(chunked)
        assert b" 200 " not in await endless.trickle(b"1\r\nx\r\n")


async def test_a_large_body_on_a_slow_line_has_the_time_that_it_takes() -> None:
    parts, part = 15, b"x" * 64_000
    async with serving() as connect, connect() as one:
        await one.say(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n" % (parts * len(part)))
        for _ in range(parts):
            await one.say(part)
            await asyncio.sleep(0.1)
        assert (await one.hear()).endswith(b"%d" % (parts * len(part)))


async def test_an_answer_takes_as_long_as_it_takes_and_the_connection_serves_again() -> None:
    async with serving() as connect, connect() as one:
        for request in (GET, GET.replace(b"/ ", b"/slow ", 1), GET, GET + GET):
            await one.say(request)
            for _ in range(request.count(b"GET")):
                assert b" 200 " in await one.hear()
        await one.say(GET[:10])
        assert (await one.ended()).startswith(b"HTTP/1.1 408 ")


async def test_a_head_without_an_end_is_refused() -> None:
    async with serving(request_seconds=30.0) as connect, connect() as one:
        await one.say(GET[:-2])
        assert b" 200 " not in await one.trickle(b"X-More: " + b"x" * 8_000 + b"\r\n")


async def test_one_client_has_so_many_connections_and_gets_back_what_it_closes() -> None:
    async with (
        serving(connections_per_client=3, request_seconds=30.0) as connect,
        connect() as first,
        connect() as last,
    ):
        async with connect(), connect() as fourth:
            assert (await fourth.ended()).startswith(b"HTTP/1.1 429 ")
            for one in (first, last):
                await one.say(GET)
                assert b" 200 " in await one.hear()

        async def served() -> bool:
            async with connect() as again:
                await again.say(GET)
                return b" 200 " in await again.hear()

        assert await eventually(served, "the place of the one that was closed is free")


async def test_a_trusted_proxy_brings_as_many_as_there_are() -> None:
    networks = (ip_network("127.0.0.0/8"),)
    async with serving(connections_per_client=1, trusted_proxies=networks) as connect, connect(), connect() as second:
        await second.say(GET)
        assert b" 200 " in await second.hear()
