"""A line to a server that can be cut without a word: connections stay open, and nothing passes any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """Takes connections at `port` and carries what passes to and from the server."""

    def __init__(self) -> None:
        self.port = 0
        self.silent = False
        self._frozen = asyncio.Event()
        self._carried: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        """Lets nothing pass on the connections that there are; those made from now on work, unless it is `silent`."""
        self._frozen.set()
        self._frozen = asyncio.Event()

    async def _take(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frozen = self._frozen
        there, back = await asyncio.open_connection("127.0.0.1", port)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, target, frozen))
            self._carried.add(task)
            task.add_done_callback(self._carried.discard)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, frozen: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while content := await source.read(65536):
                if self.silent or frozen.is_set():
                    await asyncio.Event().wait()
                target.write(content)
                await target.drain()
        target.close()

    async def _hang_up(self) -> None:
        for task in self._carried:
            task.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """A line to the server at a port of this machine."""
    line = Line()
    server = await asyncio.start_server(lambda reader, writer: line._take(port, reader, writer), "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        await line._hang_up()
