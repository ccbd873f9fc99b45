"""Many mails in one folder while everything between them and their rows is killed at random moments."""

import asyncio
import hashlib
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import psycopg

from ops.embedded.maildirs import Maildirs, maildirs_of
from tests.chaos.faults import BACK_WITHIN
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

PARTS = ("worker", "imap", "temporal", "postgres", "api")
MEAN_BYTES = 20_000
WITH_FILE_EVERY = 10
_SENDER = "storm@somewhere.example"
_WITH_FILE = (
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{words}'
    '--b\r\nContent-Type: text/csv; name="a.csv"\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\n'
    "a,b\r\n{number},1\r\n--b--\r\n"
)


@dataclass
class MailStorm:
    """What arrived at a mailbox of a stack, by the digest of its bytes, and how often each part was killed."""

    stack: RunningStack
    address: str
    sent: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    since: str = "00000000-0000-0000-0000-000000000000"

    async def rage(self, random: Random, *, mails: int, kills: int) -> None:
        """Has so many mails arrive, some at a time, and so many kills happen between them; returns when all is kept."""
        at = sorted(random.sample(range(1, mails), kills))
        parts = [PARTS[number % len(PARTS)] for number in range(kills)]
        maildirs = Maildirs(self.stack.home)
        for number, content in enumerate(_mails(random, mails)):
            maildirs.deliver(content, _SENDER, [self.address])
            trace = f"Return-Path: <{_SENDER}>\r\nDelivered-To: {self.address}\r\n".encode()
            # The server gives lines out as Python's own mailboxes keep them.
            self.sent[hashlib.sha256((trace + content).replace(b"\r\n", b"\n")).hexdigest()] += 1
            if number in at:
                await asyncio.sleep(random.uniform(0.0, 2.0))
                await self._kill(parts.pop())
        await eventually(self._all_kept, "every mail is kept", within=300, every=0.5)

    async def faults(self) -> list[str]:
        """What does not hold: each mail has one row and one raw, is settled in one way, and none was flagged or moved
        before it was kept."""
        rows, found = await self._rows(), list[str]()
        kept = Counter(sha256 for _, sha256, _ in rows)
        if kept != self.sent:
            missing, more = self.sent - kept, kept - self.sent
            found.append(f"{missing.total()} mails have no row, {more.total()} rows are too many")
        for key, sha256, _ in rows:
            path = self.stack.home / "files" / key
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                found.append(f"the raw {key} is missing or another")
        if len({key for key, _, _ in rows}) != len(rows):
            found.append("two rows have one raw")
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

    async def _all_kept(self) -> bool:
        try:
            return len(await self._rows()) >= self.sent.total()
        except psycopg.Error:
            return False

    async def _rows(self) -> list[tuple[str, str, str]]:
        query = (
            "SELECT raw_key, raw_sha256, mail.state FROM mail JOIN mail_account_address AS at USING (account_id) "
            "WHERE at.address = %s AND raw_size > 0 AND mail.id > %s ORDER BY mail.id"
        )
        async with await psycopg.AsyncConnection.connect(self.stack.superuser_url) as database:
            return await (await database.execute(query, [self.address, self.since])).fetchall()  # type: ignore[return-value]

    async def begin(self) -> None:
        """Counts from now on: what came before is another's."""
        async with await psycopg.AsyncConnection.connect(self.stack.superuser_url) as database:
            newest = await (await database.execute("SELECT id::text FROM mail ORDER BY id DESC LIMIT 1")).fetchone()
        if newest:
            self.since = str(newest[0])


def _mails(random: Random, count: int) -> Iterator[bytes]:
    for number in range(count):
        size = int(random.expovariate(1 / MEAN_BYTES))
        head = (
            f"From: Storm {number} <{_SENDER}>\r\nTo: support@somewhere.example\r\nSubject: Storm {number}\r\n"
            f"Message-ID: <storm-{number}-{random.random()}@somewhere.example>\r\nMIME-Version: 1.0\r\n"
        )
        words = f"This is mail {number} of a storm.\r\n" + ("x" * 70 + "\r\n") * (size // 72)
        if number % WITH_FILE_EVERY:
            yield f"{head}Content-Type: text/plain\r\n\r\n{words}".encode()
        else:
            yield f"{head}{_WITH_FILE.format(words=words, number=number)}".encode()


def _lives_anew(stack: RunningStack, part: str, before: int) -> bool:
    try:
        pid = stack.part(part)
        return pid != before and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError, ValueError):
        return False


async def mail_storm(home: Path, random: Random, *, mails: int, kills: int) -> tuple[MailStorm, list[str]]:
    """A storm on a stack of its own, and what does not hold after it."""
    stack = RunningStack(home)
    try:
        await stack.start()
        storm = MailStorm(stack, "support@globex.example")
        await storm.rage(random, mails=mails, kills=kills)
        return storm, await storm.faults()
    finally:
        await stack.stop()
        stack.remove()
