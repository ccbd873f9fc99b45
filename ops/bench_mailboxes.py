"""An IMAP server for the bench, with one mailbox that mails are put into and many in which nothing happens."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from imapclient import IMAPClient
from sqlmodel import col
from temporalio.client import Client
from uuid_utils.compat import uuid7

from bench.idle_imap import idle_imap
from bench.mail import tenant_of
from bench.mailboxes import (
    FLOOD,
    IDLE,
    LARGE_BYTES,
    MEAN_BYTES,
    QUIET_POSTS,
    SINGLE,
    Deliver,
    MailFigures,
    Mailroom,
    Post,
    measure_singles,
    posts_meanwhile,
)
from domain.mail.mailbox import MailboxRef
from domain.mail.states import After, Security, Start
from models.database import Database
from models.mail import Mail, MailAccount, MailAccountAddress
from ops.embedded.imap import imap_in_memory
from ops.embedded.ports import free_port
from ops.home import Home
from ops.leftovers import remembered
from ops.readiness import speaks
from ops.trouble import Trouble
from runtime.mailboxes import wake
from runtime.settings import Settings
from stores.mail.secrets import Secrets

_PASSWORD = "of-the-bench"  # noqa: S105  of a server that lives as long as the bench
_USER = "support@bench.example"
_FILES = 20
_SIZE_LIMIT = 50 * 1024 * 1024
_SENDER = "bench@somewhere.example"


async def measure_mailboxes(config: Settings, database: Database, client: Client, slug: str, post: Post) -> MailFigures:
    """Measures mail that comes in, on the running stack's worker, and what the API does meanwhile (`post`). Its
    mailboxes and mails are removed again; the tickets stay."""
    tenant_id, worker = await tenant_of(database, slug), remembered(Home(config.home.absolute()).run / "worker.json")
    if tenant_id is None or worker is None or config.secret_keys is None:
        raise Trouble("Mailboxes are measured on a stack of this machine: start one with `make up`.")
    random = Random(7)  # noqa: S311
    async with _imap_server() as (port, deliver), idle_imap() as idle_port:
        made = partial(_account, tenant_id, Secrets.of(config.secret_keys))
        idle, full = [made(idle_port, number) for number in range(IDLE)], made(port, IDLE)
        room = Mailroom(database, tenant_id, full.id, deliver, worker.pid)

        async def begin_idle() -> None:
            await _begin(database, client, idle)
            await room.until_all_wait([account.id for account in idle])
            await asyncio.sleep(5)

        try:
            idle_mb, idle_cores = await room.idle(begin_idle)
            await _end(database, client, idle)
            await _begin(database, client, [full])
            await room.until_all_wait([full.id])
            p50, p95 = await measure_singles(room, [_mail(random, number) for number in range(SINGLE)])
            quiet = await posts_meanwhile(post, None, QUIET_POSTS)
            flood = asyncio.create_task(room.flood([_mail(random, number) for number in range(FLOOD)]))
            busy = await posts_meanwhile(post, flood, QUIET_POSTS)
            kept, opened = await room.flood([_mail(random, number) for number in range(FLOOD)])
            seconds, megabytes = await room.large(_large())
        finally:
            await _end(database, client, [*idle, full])
    return MailFigures(kept, opened, quiet, busy, p50, p95, seconds, megabytes, IDLE, idle_mb, idle_cores)


@asynccontextmanager
async def _imap_server() -> AsyncIterator[tuple[int, Deliver]]:
    """Its port, and what has mails arrive. It keeps them in memory: out of a folder of the disk it gives each the more
    slowly the more there are, and that would be measured."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = imap_in_memory(port, _USER, _PASSWORD).start(Path(folder) / "imap.log")
        try:
            while not await speaks("127.0.0.1", port):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            yield port, partial(_deliver, port)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)


def _deliver(port: int, mails: Sequence[bytes]) -> None:
    with IMAPClient("127.0.0.1", port, ssl=False) as server:
        server.login(_USER, _PASSWORD)
        # That it may be given many it says only to who has logged in.
        server.capabilities()
        server.multiappend("INBOX", mails)


def _account(tenant_id: UUID, secrets: Secrets, port: int, number: int) -> MailAccount:
    account_id = uuid7()
    return MailAccount(
        id=account_id,
        tenant_id=tenant_id,
        name=f"Bench {number}",
        host="127.0.0.1",
        port=port,
        security=Security.NONE,
        username=_USER,
        secret=secrets.seal(tenant_id, account_id, _PASSWORD),
        start=Start.UNSEEN,
        after=After.SEEN,
        size_limit=_SIZE_LIMIT,
    )


async def _begin(database: Database, client: Client, accounts: list[MailAccount]) -> None:
    for account in accounts:
        async with database.transaction(account.tenant_id) as session:
            session.add(MailAccount(**account.model_dump(exclude={"created_at", "updated_at"})))
            await session.flush()
            at = f"bench-{account.id}@bench.example"
            session.add(MailAccountAddress(tenant_id=account.tenant_id, account_id=account.id, address=at, place=0))
        await wake(client, MailboxRef(account.tenant_id, account.id), look=True)


async def _end(database: Database, client: Client, accounts: list[MailAccount]) -> None:
    """Removes what is left of these mailboxes, and their mails as far as nothing refers to them."""
    for account in accounts:
        mine: Any = (col(Mail.account_id) == account.id, col(MailAccount.id) == account.id)
        async with database.transaction(account.tenant_id) as session:
            await session.execute(sa.delete(Mail).where(mine[0]))
            gone = await session.execute(sa.delete(MailAccount).where(mine[1]).returning(col(MailAccount.id)))
            was_there = gone.first() is not None
        if was_there:
            await wake(client, MailboxRef(account.tenant_id, account.id), look=True)


def _mail(random: Random, number: int) -> bytes:
    lines = int(random.expovariate(1 / MEAN_BYTES)) // 72
    mail = EmailMessage()
    # Each from somebody else: of one sender so many would be held.
    sender = f"bench-{uuid7()}@somewhere.example"
    mail["From"], mail["To"], mail["Subject"] = f"Bench <{sender}>", _USER, f"Bench {number}"
    mail["Message-ID"] = f"<bench-{uuid7()}@somewhere.example>"
    mail.set_content(f"Mail {number}.\n" + ("x" * 70 + "\n") * lines)
    return mail.as_bytes(policy=SMTP)


def _large() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Bench <{_SENDER}>", _USER, "Bench, large"
    mail["Message-ID"] = f"<bench-{uuid7()}@somewhere.example>"
    mail.set_content("A large one.\n")
    for number in range(_FILES):
        content = os.urandom(LARGE_BYTES // _FILES)
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"{number}.bin")
    return mail.as_bytes(policy=SMTP)
