"""A session with an IMAP server (RFC 3501), on imapclient in threads.

Nothing that it reads or is told ends in a log or an error: those hold codes.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self, TypeVar

from imapclient import IMAPClient

from activities.mail.imap_connection import ImapThreads, Login, Server, connected, in_codes, log_in
from activities.mail.mailbox_errors import MailboxError
from domain.mail.reach import PARTIAL_BYTES

_EXISTS = "EXISTS"

T = TypeVar("T")


@dataclass(frozen=True)
class Folder:
    """A folder as it was when it was selected; `next_uid` is what the next mail in it will get."""

    uid_validity: int
    next_uid: int


@dataclass(frozen=True)
class Envelope:
    """What a server says of a mail before it is read."""

    uid: int
    arrived_at: datetime
    size: int
    seen: bool


class ImapSession:
    """One connection, on which one command goes after the other. Every method raises MailboxError, after which the
    session is over unless its code is `server_refused` or `folder_missing`. Cancelled in the middle of a command, it is
    over too."""

    def __init__(self, client: IMAPClient, threads: ImapThreads) -> None:
        self._client, self._threads, self._turn = client, threads, asyncio.Lock()

    @classmethod
    async def open(cls, server: Server, threads: ImapThreads) -> Self:
        """Connects, encrypted as the server's security says."""
        return cls(await connected(server, threads), threads)

    async def log_in(self, login: Login) -> None:
        """Logs in."""
        await self._do(partial(log_in, self._client, login))

    async def select(self, folder: str) -> Folder:
        """Goes into a folder."""
        try:
            found: dict[bytes, Any] = await self._do(partial(self._client.select_folder, folder))
        except MailboxError as error:
            raise MailboxError("folder_missing" if error.code == "server_refused" else error.code) from None
        next_uid = found.get(b"UIDNEXT")
        if next_uid is None:
            # RFC 3501 lets a server say nothing of it.
            next_uid = max(await self.uids(1), default=0) + 1
        return Folder(int(found[b"UIDVALIDITY"]), int(next_uid))

    def can(self, capability: str) -> bool:
        """Whether the server has said that it has this capability."""
        return capability.encode() in self._client.capabilities()

    async def capabilities(self) -> None:
        """Asks what the server can do, now that somebody is logged in."""
        await self._do(self._client.capabilities)

    async def uids(self, first: int, last: int | None = None, *criteria: Any) -> list[int]:
        """The UIDs from `first` to `last`, or to the newest, of the mails that meet the criteria (RFC 3501 6.4.4), in
        order."""
        wanted = ["UID", f"{first}:{last or '*'}", *criteria]
        found: list[int] = await self._do(partial(self._client.search, wanted))
        # n:* is the newest mail also when its UID is below n.
        return sorted(uid for uid in found if uid >= first)

    def forget_news(self) -> None:
        """From now on counts as news what is said from now on."""
        self._client._imap.response(_EXISTS)

    @property
    def has_news(self) -> bool:
        """Whether the server has said meanwhile, beside an answer, how many mails there are: it says so when that has
        changed, once, and not again to whoever begins to wait then."""
        return _EXISTS in self._client._imap.untagged_responses

    async def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """What the server says of these mails, of those that are still there, in order."""
        found = await self._fetch(uids, "INTERNALDATE", "RFC822.SIZE", "FLAGS")
        now = datetime.now(UTC)
        return [
            Envelope(
                uid,
                min(item.get(b"INTERNALDATE") or now, now),
                int(item.get(b"RFC822.SIZE") or 0),
                b"\\Seen" in item.get(b"FLAGS", ()),
            )
            for uid, item in sorted(found.items())
        ]

    async def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of these mails, of those that are still there. They stay unseen."""
        found = await self._fetch(uids, "BODY.PEEK[]")
        return {uid: body for uid, item in found.items() if (body := item.get(b"BODY[]"))}

    async def beginning(self, uid: int) -> bytes | None:
        """The header of a mail and the beginning of what follows it, 256 KB of each at most."""
        some = f"<0.{PARTIAL_BYTES}>"
        found = await self._fetch([uid], f"BODY.PEEK[HEADER]{some}", f"BODY.PEEK[TEXT]{some}")
        item = found.get(uid)
        if item is None:
            return None
        return (item.get(b"BODY[HEADER]<0>") or b"") + (item.get(b"BODY[TEXT]<0>") or b"") or None

    async def flag_seen(self, uids: Sequence[int]) -> None:
        """Marks mails as seen."""
        await self._do(partial(self._client.add_flags, uids, [b"\\Seen"], silent=True))

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Moves mails (RFC 6851), into a folder that is made where it is missing. A server that cannot move copies
        them and removes these."""
        try:
            await self._move(uids, folder)
        except MailboxError as error:
            if error.code != "server_refused":
                raise
            await self._do(partial(self._client.create_folder, folder))
            await self._move(uids, folder)

    async def _move(self, uids: Sequence[int], folder: str) -> None:
        if self.can("MOVE"):
            await self._do(partial(self._client.move, uids, folder))
        else:
            await self._do(partial(self._client.copy, uids, folder))
            await self.remove(uids)

    async def remove(self, uids: Sequence[int]) -> None:
        """Removes these mails and no others: where the server cannot expunge by UID (RFC 4315), they are only marked as
        deleted, since a plain EXPUNGE would take what others have marked."""
        await self._do(partial(self._client.delete_messages, uids, silent=True))
        if self.can("UIDPLUS"):
            await self._do(partial(self._client.uid_expunge, uids))

    async def idle(self, within_seconds: float) -> bool:
        """Waits until the server says that something has changed in the folder (IDLE, RFC 2177), and no longer; returns
        whether it has.

        What it says is read to the end of what ends the waiting: of a line that is on its way yet, imapclient's own
        `idle_check` takes the beginning for an error.
        """
        ends = time.monotonic() + within_seconds
        while True:
            said_more = await self._do(partial(_begin_idle, self._client))
            speaks = self.has_news or said_more or await self._speaks(ends - time.monotonic())
            said: tuple[Any, list[Any]] = await self._do(self._client.idle_done)
            if self.has_news or any(map(_is_news, said[1])):
                return True
            if not speaks:
                return False

    async def _speaks(self, within_seconds: float) -> bool:
        """Waits until the server says anything, or has ended the connection."""
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        socket_number = self._client.socket().fileno()
        loop.add_reader(socket_number, heard.set)
        try:
            async with asyncio.timeout(within_seconds):
                return await heard.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(socket_number)

    async def probe_idle(self) -> None:
        """Begins to wait for news and ends it at once."""
        await self._do(partial(_begin_idle, self._client))
        await self._do(self._client.idle_done)

    async def close(self) -> None:
        """Says goodbye, whatever the server thinks of it."""
        with suppress(MailboxError):
            await self._do(self._client.logout)
        self.abort()

    def abort(self) -> None:
        """Ends the connection at once; whoever waits for the server is told."""
        with suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    async def _fetch(self, uids: Sequence[int], *items: str) -> dict[int, dict[bytes, Any]]:
        if not uids:
            return {}
        found: dict[int, dict[bytes, Any]] = await self._do(partial(self._client.fetch, uids, list(items)))
        wanted = set(uids)
        # A server may tell of other mails' flags in between (RFC 3501 7.4.2).
        asked = [each.partition("<")[0].replace(".PEEK", "").encode() for each in items]
        return {
            uid: item
            for uid, item in found.items()
            if uid in wanted and all(any(key.startswith(name) for key in item) for name in asked)
        }

    async def _do(self, work: Callable[[], T]) -> T:
        async with self._turn:
            try:
                return await self._threads.run(partial(in_codes, work))
            except asyncio.CancelledError:
                # The thread still waits for an answer that nobody wants.
                self.abort()
                raise


def _begin_idle(client: IMAPClient) -> bool:
    """Begins to wait; returns whether the server has said more in one go with its answer: that has been read from the
    socket, which does not tell of it again. imapclient's own takes it for an error when it has something to say first.
    """
    imap = client._imap
    client._idle_tag = tag = imap._command("IDLE")
    while (said := imap._get_response()) is not None:
        if said.startswith(tag):
            raise MailboxError("server_refused")
    patience = imap.sock.gettimeout()
    imap.sock.setblocking(False)
    try:
        return bool(imap.file.peek(1))
    except ssl.SSLWantReadError:
        return False
    finally:
        imap.sock.settimeout(patience)


def _is_news(said: Iterable[Any]) -> bool:
    """Whether what was said while nothing was asked may mean a new mail: `* OK Still here` does not."""
    return any(word in (b"EXISTS", b"RECENT", b"EXPUNGE", b"FETCH", b"BYE") for word in said)
