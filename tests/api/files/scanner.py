"""A virus scanner's daemon, as far as files need one."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def clamd(answer: bytes, received: bytearray) -> AsyncIterator[str]:
    """A daemon that speaks INSTREAM as clamd(8) describes it; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while length := struct.unpack("!L", await reader.readexactly(4))[0]:
            received.extend(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
