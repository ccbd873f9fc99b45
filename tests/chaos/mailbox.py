"""Many mails in one folder while everything between them and their tickets is killed at random moments."""

import asyncio
import hashlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, LiteralString

import psutil
import psycopg

from ops.embedded.maildirs import Maildirs, maildirs_of
from ops.embedded.ports import free_port
from tests.chaos.faults import BACK_WITHIN
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

PARTS = ("worker", "imap", "temporal", "postgres", "api")
MEAN_BYTES = 20_000
WITH_FILE_EVERY = 10
REPLY_EVERY = 4
"""One of so many answers another, whose ticket it joins; the others open tickets."""

STANDS_STILL_SECONDS = 25.0
"""Longer than the engine waits for a heartbeat."""

_WORKER = """
import sys
from pathlib import Path
from ops.stack import load_stack_environment
from workers.main import main
load_stack_environment(Path(sys.argv[1]))
main()
"""
_ROWS = """
SELECT raw_key, raw_sha256, mail.state, mail.ticket_id::text, mail.ticket_message_id::text
FROM mail JOIN mail_account_address AS at USING (account_id)
WHERE at.address = %s AND raw_size > 0 AND mail.id > %s ORDER BY mail.id
"""
_SAID = "SELECT id::text FROM ticket_message WHERE ticket_id::text = ANY(%s)"
_WITH_FILE = (
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{words}'
    '--b\r\nContent-Type: text/csv; name="a.csv"\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\n'
    "a,b\r\n{number},1\r\n--b--\r\n"
)


@dataclass(frozen=True)
class _Row:
    """What became of a mail."""

    raw_key: str
    sha256: str
    state: str
    ticket_id: str | None
    message_id: str | None


@dataclass
class MailStorm:
    """What arrived at a mailbox of a stack, by the digest of its bytes, what each is to become, and how often each part
    was killed."""

    stack: RunningStack
    address: str
    sent: Counter[str] = field(default_factory=Counter)
    becomes: dict[str, str] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    since: str = "00000000-0000-0000-0000-000000000000"

    async def rage(self, random: Random, *, mails: int, kills: int) -> None:
        """Has so many mails arrive, some at a time, and so many kills happen between them; returns when all is kept and
        decided about."""
        at = sorted(random.sample(range(1, mails), kills))
        parts = [PARTS[number % len(PARTS)] for number in range(kills)]
        maildirs = Maildirs(self.stack.home)
        for number, (sender, content, becomes) in enumerate(_mails(random, mails)):
            if becomes == "joined" and "joined" not in self.becomes.values():
                # What lies in a folder at the same time comes in any order, and these answer the others.
                await self._all_settled_soon()
            maildirs.deliver(content, sender, [self.address])
            trace = f"Return-Path: <{sender}>\r\nDelivered-To: {self.address}\r\n".encode()
            # The server gives lines out as Python's own mailboxes keep them.
            digest = hashlib.sha256((trace + content).replace(b"\r\n", b"\n")).hexdigest()
            self.sent[digest] += 1
            self.becomes[digest] = becomes
            if number in at:
                await asyncio.sleep(random.uniform(0.0, 2.0))
                await self._kill(parts.pop())
        await self._all_settled_soon()

    async def faults(self) -> list[str]:
        """What does not hold: each mail has one row and one raw, and opened its ticket or joined it with one message;
        no ticket has another."""
        rows, found = await self._rows(), list[str]()
        kept = Counter(row.sha256 for row in rows)
        if kept != self.sent:
            missing, more = self.sent - kept, kept - self.sent
            found.append(f"{missing.total()} mails have no row, {more.total()} rows are too many")
        for row in rows:
            path = self.stack.home / "files" / row.raw_key
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
                found.append(f"the raw {row.raw_key} is missing or another")
            if row.state != (wanted := self.becomes.get(row.sha256)):
                found.append(f"a mail is {row.state}, and not {wanted}")
        if len({row.raw_key for row in rows}) != len(rows):
            found.append("two rows have one raw")
        tickets = {row.ticket_id for row in rows if row.ticket_id}
        if len(tickets) != (opened := sum(wanted == "opened" for wanted in self.becomes.values())):
            found.append(f"{opened} mails have opened {len(tickets)} tickets")
        said = sorted(row[0] for row in await self._ask(_SAID, [sorted(tickets)]))
        if said != sorted(row.message_id or "" for row in rows):
            found.append(f"{len(rows)} mails have written {len(said)} messages")
        return found

    def unflagged(self) -> int:
        """How many mails in the folder are not marked as seen."""
        folder = maildirs_of(self.stack.home) / self.address
        names = [path.name for part in ("new", "cur") for path in (folder / part).iterdir()]
        return sum("S" not in name.partition(":2,")[2] for name in names)

    async def _kill(self, part: str) -> None:
        pid = self.stack.part(part)
        os.kill(pid, signal.SIGKILL)
        self.killed[part] += 1
        await eventually(lambda: _lives_anew(self.stack, part, pid), f"{part} is back", within=BACK_WITHIN)

    async def _all_settled_soon(self) -> None:
        await eventually(self._all_settled, "every mail is kept and decided about", within=600, every=1.0)

    async def _all_settled(self) -> bool:
        try:
            rows = await self._rows()
        except psycopg.Error:
            return False
        return len(rows) >= self.sent.total() and all(row.state != "received" and row.message_id for row in rows)

    async def _rows(self) -> list[_Row]:
        return [_Row(*row) for row in await self._ask(_ROWS, [self.address, self.since])]

    async def _ask(self, query: LiteralString, parameters: list[Any]) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.stack.superuser_url) as database:
            return await (await database.execute(query, parameters)).fetchall()

    async def begin(self) -> None:
        """Counts from now on: what came before is another's."""
        if newest := await self._ask("SELECT id::text FROM mail ORDER BY id DESC LIMIT 1", []):
            self.since = str(newest[0][0])


def _mails(random: Random, count: int) -> Iterator[tuple[str, bytes, str]]:
    """Senders, what they send, and what it is to become: first those that open tickets, then replies to them."""
    opening = count - count // REPLY_EVERY
    storm = random.random()
    for number in range(count):
        reply, about = number >= opening, number % opening
        sender = f"storm-{about}-{storm}@somewhere.example"
        head = (
            f"From: Storm {number} <{sender}>\r\nTo: support@somewhere.example\r\nSubject: Storm {number}\r\n"
            f"Message-ID: <storm-{number}-{storm}@somewhere.example>\r\nMIME-Version: 1.0\r\n"
        )
        if reply:
            head += f"In-Reply-To: <storm-{about}-{storm}@somewhere.example>\r\n"
        size = int(random.expovariate(1 / MEAN_BYTES))
        words = f"This is mail {number} of a storm.\r\n" + ("x" * 70 + "\r\n") * (size // 72)
        if number % WITH_FILE_EVERY:
            content = f"{head}Content-Type: text/plain\r\n\r\n{words}"
        else:
            content = f"{head}{_WITH_FILE.format(words=words, number=number)}"
        yield sender, content.encode(), "joined" if reply else "opened"


@asynccontextmanager
async def second_worker(stack: RunningStack) -> AsyncIterator[None]:
    """Another worker beside the stack's own, which again and again stands still for longer than its heartbeats may fail
    to come, and goes on as if nothing had been."""
    environment = {**os.environ, "CASEWRIGHT_HOME": str(stack.home), "CASEWRIGHT_WORKER_METRICS_PORT": str(free_port())}
    with (stack.home / "second-worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORKER, str(stack.home), env=environment, stdout=log, stderr=log
        )

    async def stand_still() -> None:
        while True:
            await asyncio.sleep(STANDS_STILL_SECONDS / 5)
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(STANDS_STILL_SECONDS)
            process.send_signal(signal.SIGCONT)

    standing = asyncio.create_task(stand_still())
    try:
        yield
        assert process.returncode is None, "the second worker has ended"
    finally:
        standing.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _lives_anew(stack: RunningStack, part: str, before: int) -> bool:
    try:
        pid = stack.part(part)
        return pid != before and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError, ValueError):
        return False


async def mail_storm(home: Path, random: Random, *, mails: int, kills: int) -> tuple[MailStorm, list[str]]:
    """A storm on a stack of its own, with a second worker that stands still now and then; and what does not hold after
    it."""
    stack = RunningStack(home)
    try:
        await stack.start()
        storm = MailStorm(stack, "support@globex.example")
        async with second_worker(stack):
            await storm.rage(random, mails=mails, kills=kills)
        return storm, await storm.faults()
    finally:
        await stack.stop()
        stack.remove()
