"""An IMAP server with one folder in which nothing is and nothing happens, for as many mailboxes as one likes: what is
measured is who waits at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_ANSWERS = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\n",
    "SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] it stays\r\n* OK [UIDNEXT 1] none yet\r\n",
    "UID": b"* SEARCH\r\n",
    "LOGOUT": b"* BYE\r\n",
}


@asynccontextmanager
async def idle_imap() -> AsyncIterator[int]:
    """Listens at the port that it gives, of this machine."""
    listening = await asyncio.start_server(_serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        writer.write(b"* OK hello\r\n")
        idles = b""
        while line := await reader.readline():
            tag, _, command = line.strip().partition(b" ")
            verb = command.partition(b" ")[0].decode().upper()
            if verb == "IDLE":
                idles = tag
                writer.write(b"+ idling\r\n")
            elif tag.upper() == b"DONE":
                writer.write(idles + b" OK done\r\n")
            else:
                writer.write(_ANSWERS.get(verb, b"") + tag + b" OK done\r\n")
            await writer.drain()
    writer.close()
