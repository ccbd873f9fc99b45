"""Keeps connections to the mail server open for a moment, because opening one costs more than sending a message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiosmtplib

KEPT_SECONDS = 10.0
_FAREWELL_SECONDS = 5.0

AWAY = (aiosmtplib.SMTPException, OSError)
"""The exceptions that mean: the server does not answer, or not as the protocol wants it."""


class MailConnections:
    """Connections that are greeted and logged in, each in the hands of one sender at a time.

    `connect` makes a new one. What nobody has needed for `kept_seconds` is closed.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[aiosmtplib.SMTP]], *, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._connect = connect
        self._kept_seconds = kept_seconds
        self._kept: dict[aiosmtplib.SMTP, asyncio.TimerHandle] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    async def open(self) -> aiosmtplib.SMTP:
        """A new connection. Raises what `connect` raises."""
        return await self._connect()

    def kept(self) -> aiosmtplib.SMTP | None:
        """A connection that was kept, if there is one; the server may be about to close it."""
        while self._kept:
            server, expiry = self._kept.popitem()
            expiry.cancel()
            if server.is_connected:
                return server
        return None

    def keep(self, server: aiosmtplib.SMTP) -> None:
        """Takes a connection back, between two messages."""
        self._kept[server] = asyncio.get_running_loop().call_later(self._kept_seconds, self._expire, server)

    def _expire(self, server: aiosmtplib.SMTP) -> None:
        del self._kept[server]
        farewell = asyncio.create_task(_part(server))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


async def greeted(server: aiosmtplib.SMTP) -> aiosmtplib.SMTP:
    """The client, connected, logged in and introduced. Raises what is in `AWAY`, also when the server refuses to talk
    to us."""
    await server.connect()
    async with dropped_on_failure(server):
        if server.is_ehlo_or_helo_needed:
            try:
                await server.ehlo()
            except aiosmtplib.SMTPHeloError:
                await server.helo()
    return server


@asynccontextmanager
async def dropped_on_failure(server: aiosmtplib.SMTP) -> AsyncIterator[None]:
    """Closes the connection when the block raises: nobody knows then what the server expects next."""
    try:
        yield
    except AWAY:
        await _part(server)
        raise
    except BaseException:
        server.close()
        raise


async def _part(server: aiosmtplib.SMTP) -> None:
    with suppress(*AWAY):
        await server.quit(timeout=_FAREWELL_SECONDS)
    server.close()
