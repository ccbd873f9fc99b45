"""How fast mail comes in from an IMAP server, and what mailboxes cost in which nothing happens."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psutil
import sqlalchemy as sa
from rich.table import Table
from sqlmodel import col

from bench.http_connection import UnexpectedAnswer
from bench.load import percentile
from domain.mail.states import MailState
from models.database import Database
from models.mail import Mail, MailAccount

FLOOD, MEAN_BYTES = 300, 20_000
SINGLE = 20
QUIET_POSTS = 30
LARGE_BYTES = 18 * 1024 * 1024
"""As its bytes are before they are encoded for the way: 25 MB in the mail."""
IDLE = 200

_PATIENCE_SECONDS = 180.0
_EVERY_SECONDS = 0.05
_WATCHED_SECONDS = 60.0

Deliver = Callable[[Sequence[bytes]], object]
"""Has mails arrive at the server, at once."""

Post = Callable[[], Awaitable[object]]
"""Opens a ticket by the API."""


@dataclass(frozen=True)
class MailFigures:
    """Mails a second from the server to their rows, and to their tickets; seconds that `POST /tickets` takes (p95) on a
    quiet stack, and while so many mails come; seconds from the arrival of one mail to its ticket, while the server is
    listened to; seconds and MB of the worker that a mail of 25 MB with 20 files takes; MB and cores (1 is one core)
    that the worker takes more with so many idle mailboxes."""

    intake_rate: float
    opened_rate: float
    post_quiet_p95: float
    post_flood_p95: float
    single_p50: float
    single_p95: float
    large_seconds: float
    large_mb: float
    idle_mailboxes: int
    idle_mb: float
    idle_cores: float


class Mailroom:
    """A mailbox of a tenant into which mails are delivered, and the worker that fetches them."""

    def __init__(self, database: Database, tenant_id: UUID, account_id: UUID, deliver: Deliver, worker: int) -> None:
        self._database, self._tenant_id, self._account_id = database, tenant_id, account_id
        self._deliver, self._worker = deliver, psutil.Process(worker)

    async def flood(self, mails: Sequence[bytes]) -> tuple[float, float]:
        """Mails a second, of many that lie there at once: to their rows, and to their tickets."""
        kept, opened = self._mine(), self._mine(col(Mail.state) == MailState.OPENED)
        before, before_opened = await self._counted(kept), await self._counted(opened)
        began = time.monotonic()
        await asyncio.to_thread(self._deliver, mails)
        await self._until(before + len(mails), kept)
        stored = time.monotonic() - began
        await self._until(before_opened + len(mails), opened)
        return len(mails) / stored, len(mails) / (time.monotonic() - began)

    async def single(self, mail: bytes) -> float:
        """Seconds from the arrival of a mail until it has been decided about."""
        settled = self._mine(col(Mail.state) != MailState.RECEIVED)
        before = await self._counted(settled)
        began = time.monotonic()
        await asyncio.to_thread(self._deliver, [mail])
        await self._until(before + 1, settled)
        return time.monotonic() - began

    async def large(self, mail: bytes) -> tuple[float, float]:
        """As `single`, and by how many MB the worker grew meanwhile."""
        before, grew = self._memory(), 0.0
        taken = asyncio.create_task(self.single(mail))
        while not taken.done():
            grew = max(grew, self._memory() - before)
            await asyncio.sleep(_EVERY_SECONDS)
        return await taken, grew

    async def idle(self, begin: Callable[[], Awaitable[object]]) -> tuple[float, float]:
        """MB and cores more that the worker takes, once what `begin` begins stands still."""
        memory = self._memory()
        quiet = await self._cores()
        await begin()
        return self._memory() - memory, max(0.0, await self._cores() - quiet)

    async def until_all_wait(self, account_ids: Sequence[UUID]) -> None:
        """Waits until each of these mailboxes was looked at."""
        looked = sa.select(sa.func.count()).where(
            col(MailAccount.id).in_(account_ids), col(MailAccount.last_looked_at).is_not(None)
        )
        await self._until(len(account_ids), looked)

    def _memory(self) -> float:
        return float(self._worker.memory_info().rss) / 1e6

    async def _cores(self) -> float:
        def used() -> float:
            times = self._worker.cpu_times()
            return float(times.user + times.system)

        before = used()
        await asyncio.sleep(_WATCHED_SECONDS)
        return (used() - before) / _WATCHED_SECONDS

    def _mine(self, *which: sa.ColumnElement[bool]) -> sa.Select[int]:
        return sa.select(sa.func.count()).where(col(Mail.account_id) == self._account_id, *which)

    async def _counted(self, rows: sa.Select[int]) -> int:
        async with self._database.transaction(self._tenant_id) as session:
            return await session.scalar(rows) or 0

    async def _until(self, count: int, rows: sa.Select[int]) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while await self._counted(rows) < count:  # noqa: ASYNC110  the worker tells nobody
                    await asyncio.sleep(_EVERY_SECONDS)
        except TimeoutError:
            raise UnexpectedAnswer("Mail does not come in: does a worker run?") from None


async def posts_meanwhile(post: Post, going_on: asyncio.Task[Any] | None, times: int) -> float:
    """The p95 in seconds of tickets that are opened by the API one after the other: so often, or as long as something
    goes on."""
    seconds: list[float] = []
    while not going_on.done() if going_on else len(seconds) < times:
        began = time.monotonic()
        await post()
        seconds.append(time.monotonic() - began)
    return percentile(seconds, 95)


async def measure_singles(room: Mailroom, mails: Sequence[bytes]) -> tuple[float, float]:
    """The p50 and p95 of mails that come one after the other."""
    seconds = [await room.single(mail) for mail in mails]
    return percentile(seconds, 50), percentile(seconds, 95)


def table_of(figures: MailFigures) -> Table:
    """The figures, to look at."""
    table = Table(title="Mail that comes in", title_justify="left", show_header=False)
    table.add_row("server to stored row", f"{figures.intake_rate:.0f} mails/s")
    table.add_row("server to ticket", f"{figures.opened_rate:.0f} mails/s")
    slower = figures.post_flood_p95 / figures.post_quiet_p95
    posted = f"p95 {figures.post_quiet_p95 * 1e3:.0f} ms quietly, {figures.post_flood_p95 * 1e3:.0f} ms: {slower:.1f}x"
    table.add_row("POST /tickets meanwhile, one at a time", posted)
    table.add_row("arrival to ticket, one at a time", f"p50 {figures.single_p50:.2f} s, p95 {figures.single_p95:.2f} s")
    table.add_row("a mail of 25 MB with 20 files", f"{figures.large_seconds:.1f} s, {figures.large_mb:.0f} MB")
    idle = f"{figures.idle_mb:.0f} MB, {figures.idle_cores:.1%} of a core"
    table.add_row(f"{figures.idle_mailboxes} idle mailboxes, of the worker", idle)
    return table
