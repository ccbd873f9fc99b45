"""Tries a mailbox out as it is fetched and sent from, by the worker that would do it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib
import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity
from uuid_utils.compat import uuid7

from activities.mail.imap import ImapSession
from activities.mail.imap_connection import ImapThreads, Server
from activities.mail.logins import Logins
from activities.mail.mailbox_errors import MailboxError
from activities.mail.own_smtp import connect_own
from activities.mail.smtp import Mailer, MailServerAway
from domain.mail.checking import (
    AT_SERVER,
    CHECK_SECONDS,
    FAILED_AT,
    NOT_TRIED,
    OK,
    TOO_SLOW,
    CheckLine,
    CheckStep,
)
from domain.mail.mailbox import MailboxRef
from domain.mail.states import After, Security, Source
from models.database import Database
from models.mail import Mail, MailAccount
from stores.files.storage import FileStorage, StorageAway
from stores.mail.accounts import account_of, address_of

# What is left of the time is the engine's.
_SECONDS = CHECK_SECONDS - 3.0
_LOOKS_EVERY_SECONDS = 0.5
_PROBES = 20
"""So many of the newest mails are looked through for the one that was sent."""
_BEGINNING_BYTES = 8 * 1024


class CheckActivities:
    """`sender` is the platform's own mail server, by which mailboxes without one of their own send; `private` is as for
    fetching."""

    def __init__(
        self,
        database: Database,
        storage: FileStorage,
        logins: Logins,
        sender: Mailer,
        *,
        private: bool,
        threads: ImapThreads | None = None,
    ) -> None:
        self._database, self._storage, self._logins, self._private = database, storage, logins, private
        self._sender, self._threads = sender, threads or ImapThreads()

    @activity.defn(name="mail.check")
    async def check(self, mailbox: MailboxRef) -> list[CheckLine]:
        """A line for each step, in their order; none when the mailbox is no more. Raises DBAPIError."""
        async with self._database.transaction(mailbox.tenant_id) as session:
            account = await account_of(session, mailbox)
            address = await address_of(session, mailbox.account_id)
        if account is None or address is None:
            return []
        trial = _Trial(account)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                await self._try(mailbox, account, address, trial)
        return trial.lines()

    async def _try(self, mailbox: MailboxRef, account: MailAccount, address: str, trial: "_Trial") -> None:
        fetched = asyncio.create_task(self._reach(account, trial)) if account.source is Source.IMAP else None
        smtp = asyncio.create_task(self._reach_sender(account, trial))
        server = await fetched if fetched else None
        try:
            client = await smtp
            if client and (server or not fetched):
                await self._probe(mailbox, account, address, server, client, trial)
        finally:
            for task in (fetched, smtp):
                if task:
                    task.cancel()
            if server:
                server.abort()

    async def _reach(self, account: MailAccount, trial: "_Trial") -> ImapSession | None:
        server = None
        try:
            trial.begins(CheckStep.RESOLVE)
            where = Server(account.host or "", account.port or 0, account.security, self._private)
            server = await ImapSession.open(where, self._threads)
            trial.passed(CheckStep.RESOLVE, CheckStep.CONNECT)
            if account.security is not Security.NONE:
                trial.passed(CheckStep.TLS)
            trial.begins(CheckStep.LOGIN)
            await self._logins.log_in(server, account)
            trial.passed(CheckStep.LOGIN)
            trial.begins(CheckStep.FOLDER)
            await server.capabilities()
            await server.select(account.folder)
            trial.passed(CheckStep.FOLDER)
            trial.begins(CheckStep.IDLE)
            if server.can("IDLE"):
                await server.probe_idle()
            trial.came_to(CheckStep.IDLE, OK if server.can("IDLE") else "not_supported")
            if account.after in (After.MOVE, After.DELETE):
                can = server.can("UIDPLUS") or (account.after is After.MOVE and server.can("MOVE"))
                trial.came_to(CheckStep.MOVE, OK if can else "not_supported")
        except MailboxError as error:
            trial.failed(error.code)
            if server:
                server.abort()
            return None
        return server

    async def _reach_sender(self, account: MailAccount, trial: "_Trial") -> aiosmtplib.SMTP | None:
        """A connection to what the mailbox sends by."""
        try:
            if account.smtp_host:
                security = account.smtp_security or Security.TLS
                where = Server(account.smtp_host, account.smtp_port or 0, security, self._private)
                client = await connect_own(where, account.smtp_username, self._logins.smtp_password(account))
            else:
                client = await self._sender.connect()
        except MailboxError as error:
            trial.came_to(CheckStep.SMTP, error.code)
        except MailServerAway:
            trial.came_to(CheckStep.SMTP, "connect_failed")
        else:
            trial.came_to(CheckStep.SMTP, OK)
            return client
        return None

    async def _probe(
        self,
        mailbox: MailboxRef,
        account: MailAccount,
        address: str,
        server: ImapSession | None,
        client: aiosmtplib.SMTP,
        trial: "_Trial",
    ) -> None:
        """Sends a mail to the mailbox and waits until it is in it. Whoever fetches the mailbox sees by its sender that
        it is our own."""
        if server is None:
            return
        trial.begins(CheckStep.ADDRESS)
        began, message = datetime.now(UTC), _probe_to(address, tagged=account.plus_addressing)
        try:
            await client.send_message(message, sender=address, recipients=[str(message["To"])])
        except (aiosmtplib.SMTPException, OSError, ValueError):
            trial.came_to(CheckStep.ADDRESS, "not_sent")
            return
        finally:
            client.close()
        message_id = str(message["Message-ID"])
        try:
            while not (  # noqa: ASYNC110  a server need not say it
                await server.uids(1, None, "HEADER", "Message-ID", message_id)
                or await self._was_kept(mailbox, message_id, began)
            ):
                await asyncio.sleep(_LOOKS_EVERY_SECONDS)
        except MailboxError as error:
            trial.came_to(CheckStep.ADDRESS, error.code)
        else:
            trial.came_to(CheckStep.ADDRESS, OK)

    async def _was_kept(self, mailbox: MailboxRef, message_id: str, since: datetime) -> bool:
        """Whether the mail was fetched already, and moved away or deleted: its row does not tell its id yet."""
        newest = (
            sa.select(col(Mail.raw_key), col(Mail.raw_size))
            .where(
                col(Mail.tenant_id) == mailbox.tenant_id,
                col(Mail.account_id) == mailbox.account_id,
                col(Mail.created_at) >= since,
            )
            .order_by(col(Mail.id).desc())
            .limit(_PROBES)
        )
        async with self._database.transaction(mailbox.tenant_id) as session:
            found = (await session.execute(newest)).all()
        for key, size in found:
            if key is None:
                continue
            with suppress(FileNotFoundError, StorageAway):
                chunks = await self._storage.get(key, 0, min(size, _BEGINNING_BYTES))
                if message_id.encode() in b"".join([chunk async for chunk in chunks]):
                    return True
        return False


class _Trial:
    """What has come of each step so far."""

    def __init__(self, account: MailAccount) -> None:
        of_imap = account.source is Source.IMAP
        left_out = {
            CheckStep.WORKER: True,
            CheckStep.TLS: account.security is Security.NONE,
            CheckStep.MOVE: account.after not in (After.MOVE, After.DELETE),
        }
        steps = CheckStep if of_imap else (CheckStep.SMTP,)
        self._steps = [step for step in steps if not left_out.get(step)]
        self._codes = dict[CheckStep, str]()
        self._under_way = self._steps[0]

    def begins(self, step: CheckStep) -> None:
        """A step is under way; where it fails, this one has."""
        self._under_way = step

    def passed(self, *steps: CheckStep) -> None:
        """These went well."""
        self._codes |= dict.fromkeys(steps, OK)

    def came_to(self, step: CheckStep, code: str) -> None:
        """What came of a step."""
        self._codes[step] = code

    def failed(self, code: str) -> None:
        """The step under way has failed; while connecting, the code says which."""
        step = self._under_way
        if step is CheckStep.RESOLVE:
            step = FAILED_AT.get(code, CheckStep.CONNECT)
            self.passed(*AT_SERVER[: AT_SERVER.index(step)])
        self._codes[step] = code

    def lines(self) -> list[CheckLine]:
        """All steps. One of which nothing came was too slow, or came after one that failed."""
        under_way = {self._under_way, CheckStep.SMTP}
        return [
            CheckLine(step, self._codes.get(step, TOO_SLOW if step in under_way else NOT_TRIED)) for step in self._steps
        ]


def _probe_to(address: str, *, tagged: bool) -> EmailMessage:
    local, _, domain = address.rpartition("@")
    name = uuid7()
    message = EmailMessage()
    message["From"] = address
    message["To"] = f"{local}+check-{name.hex[-12:]}@{domain}" if tagged else address
    message["Subject"] = "Casewright tries this mailbox"
    message["Message-ID"] = f"<check-{name}@{domain}>"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("This mail only shows that mail to this address arrives. Nobody needs to answer it.\n")
    return message
