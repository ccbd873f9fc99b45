"""A real IMAP server (pymap) with one mailbox of it, and a way to it that can be cut."""

import asyncio
import json
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

from ops.embedded.imap import ImapServer
from ops.embedded.maildirs import MAILBOXES, Maildirs, maildirs_of
from ops.embedded.ports import free_port
from ops.forks import ForkServer
from ops.process import Child
from ops.readiness import speaks
from tests.stack.waiting import eventually

_PROGRAM = "tests.activities.mail.imap_program:serve"
ADDRESS = MAILBOXES[0]
PASSWORD = "Canary-of-the-mailbox"


@cache
def _forks() -> ForkServer:
    """What the servers of this process are forks of: to import one takes longer than most tests of it."""
    forks = ForkServer([_PROGRAM], {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    forks.start(Path(os.devnull))
    return forks


class RealImap:
    """The server of a home of its own; it is killed, never asked to end."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self._server = ImapServer(home, self.port, PASSWORD)
        self._process: Child | None = None
        self.maildir = maildirs_of(home) / ADDRESS
        self._sent = 0

    async def start(self) -> None:
        """Starts it; returns when it answers."""
        await asyncio.to_thread(self._server.prepare)
        command = self._server.command()
        environment = {**command.environment, "COMMAND_LINE": json.dumps(command.argv)}
        self._process = _forks().fork(_PROGRAM, environment).start(self.home / "imap.log")
        self._process.begin()

        async def answers() -> bool:
            return await speaks("127.0.0.1", self.port)

        await eventually(answers, "the IMAP server answers", within=60)

    def kill(self) -> None:
        """Kills it."""
        if self._process is not None and self._process.poll() is None and self._process.pid is not None:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(self._process.pid)
                process.kill()
                process.wait(10)

    def send(self, count: int = 1, *, size: int = 0, text: str = "Hello") -> list[bytes]:
        """Has so many different mails arrive; returns their bytes as they lie there."""
        return [self._send(f"{text} {self._sent}", size) for _ in range(count)]

    def _send(self, text: str, size: int) -> bytes:
        self._sent += 1
        head = (
            f"From: Zoe <zoe@somewhere.example>\r\nTo: {ADDRESS}\r\nSubject: Canary {self._sent}\r\n"
            f"Message-ID: <{self._sent}.{secrets.token_hex(4)}@somewhere.example>\r\n\r\n"
        )
        body = head + text + "\r\n" + ("x" * 70 + "\r\n") * (size // 72)
        Maildirs(self.home).deliver(body.encode(), "zoe@somewhere.example", [ADDRESS])
        trace = f"Return-Path: <zoe@somewhere.example>\r\nDelivered-To: {ADDRESS}\r\n"
        # The server gives lines out as Python's own mailboxes keep them.
        return (trace + body).replace("\r\n", "\n").encode()

    def forget_uids(self) -> None:
        """Gives the folder a new UIDVALIDITY, under which the mails have other UIDs."""
        list_of_uids = self.maildir / "dovecot-uidlist"
        old = int(re.findall(r"^3 V(\d+)", list_of_uids.read_text())[0])
        list_of_uids.write_text(f"3 V{old + 1} N1 G{secrets.token_hex(16)}\r\n")

    def flags(self) -> list[str]:
        """The flags of each mail in the folder: `S` is seen."""
        names = [path.name for part in ("new", "cur") for path in (self.maildir / part).iterdir()]
        return [name.partition(":2,")[2] for name in names]

    def in_folder(self, folder: str) -> int:
        """How many mails are in another folder."""
        path = self.maildir / f".{folder}"
        return sum(1 for part in ("new", "cur") if (path / part).exists() for _ in (path / part).iterdir())


@asynccontextmanager
async def real_imap(home: Path) -> AsyncIterator[RealImap]:
    """The server, running."""
    server = RealImap(home)
    try:
        await server.start()
        yield server
    finally:
        server.kill()


async def _nothing(_: str) -> None: ...


@dataclass
class Way:
    """A way to the server, by `port`. The connection is cut at the `cut_at`th command of it: before it reaches the
    server, or `after` it has, before the answer comes back. `seen` is asked about each command before it goes on; one
    that `refuses` finds something in is answered with NO."""

    port: int = 0
    cut_at: int | None = None
    after: bool = False
    seen: Callable[[str], Awaitable[None]] = _nothing
    commands: list[str] = field(default_factory=list)
    idle: bool = True
    refuses: re.Pattern[str] | None = None

    @property
    def was_cut(self) -> bool:
        """Whether the last connection was cut."""
        return self.cut_at is not None and len(self.commands) >= self.cut_at


@asynccontextmanager
async def way_to(server: RealImap) -> AsyncIterator[Way]:
    """A way through which each command passes, one after the other."""
    way = Way()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way.commands.clear()
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            writer.close()
            return
        back = asyncio.create_task(_pour(from_server, writer, way))
        try:
            while line := await reader.readline():
                way.commands.append(line.decode(errors="replace").strip().partition(" ")[2])
                await way.seen(way.commands[-1])
                if way.was_cut and not way.after:
                    break
                if way.refuses and way.refuses.search(way.commands[-1]):
                    writer.write(line.partition(b" ")[0] + b" NO It cannot be read\r\n")
                    continue
                if way.was_cut:
                    back.cancel()
                to_server.write(line)
                await to_server.drain()
                if way.was_cut:
                    await asyncio.wait_for(from_server.read(1), 10)
                    break
        except (OSError, TimeoutError):
            pass
        finally:
            back.cancel()
            for each in (writer, to_server):
                with suppress(OSError):
                    each.close()

    listening = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    way.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield way


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk if way.idle else chunk.replace(b" IDLE", b""))
            await writer.drain()
    writer.close()
