"""Fetches the mails of a mailbox: a turn of some minutes at its server, in which each is kept before it is flagged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from temporalio import activity
from temporalio.service import RPCError

from activities.mail.giving_way import GivingWay
from activities.mail.imap import ImapSession
from activities.mail.imap_connection import ImapThreads, Server
from activities.mail.intake import Intake, Taken
from activities.mail.logins import Logins
from activities.mail.mailbox_errors import MailboxError
from activities.mail.slow_work import beating
from domain.mail.fetching import ARRIVED, Ended, Fetched, Standing
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailboxState, Source, Waits
from models.database import Database
from models.mail import MailAccount
from stores.files.storage import FileStorage, StorageAway
from stores.mail.accounts import account_of, begin_reading, note_failure, note_look, standing_of
from stores.mail.keeping import MailboxChanged

TURN_SECONDS = 600.0
LOOKS_EVERY_SECONDS = 300.0
"""IDLE is begun anew as often, which is well within the nine minutes after which a way there may be forgotten."""
LOOKS_WITHOUT_IDLE_EVERY_SECONDS = 60.0
_TELLS_WITHIN_SECONDS = 5.0

log = structlog.get_logger(__name__)

Tell = Callable[[Standing], Awaitable[None]]


@dataclass(frozen=True)
class Pace:
    """How long a turn lasts and how often it looks, for tests shorter than it is."""

    turn_seconds: float = TURN_SECONDS
    looks_every_seconds: float = LOOKS_EVERY_SECONDS
    without_idle_seconds: float = LOOKS_WITHOUT_IDLE_EVERY_SECONDS


USUAL_PACE = Pace()


class FetchActivities:
    """`private` lets mail servers be on this machine or a private network."""

    def __init__(
        self,
        database: Database,
        storage: FileStorage,
        logins: Logins,
        *,
        private: bool,
        tell: Tell | None = None,
        threads: ImapThreads | None = None,
        pace: Pace = USUAL_PACE,
        way: GivingWay | None = None,
    ) -> None:
        self._database, self._storage, self._logins, self._private = database, storage, logins, private
        self._threads, self._pace, self._tell = threads or ImapThreads(), pace, tell or tell_workflow
        self._way = way or GivingWay()

    @activity.defn(name="mail.fetch")
    async def fetch(self, mailbox: MailboxRef) -> Fetched:
        """Keeps what is new and waits for more, until the turn is over. Its workflow is told whenever mails were kept.

        What goes wrong at the server, or in the storage, is written down and told, not raised; when it is cancelled,
        because the mailbox was changed or shall be looked at, the next turn does the rest. Raises DBAPIError.
        """
        turn = _Turn()
        async with beating():
            try:
                return await self._fetch(mailbox, turn)
            except MailboxChanged:
                # The next turn begins with what it is now.
                return Fetched(Ended.IN_TIME, turn.kept)
            except MailboxError as error:
                return await self._failed(mailbox, turn, error.code)
            except StorageAway:
                return await self._failed(mailbox, turn, "storage_away")

    async def _fetch(self, mailbox: MailboxRef, turn: "_Turn") -> Fetched:
        async with self._database.transaction(mailbox.tenant_id) as session:
            account = await account_of(session, mailbox)
        if account is None:
            return Fetched(Ended.GONE)
        if account.state is MailboxState.PAUSED or account.source is not Source.IMAP:
            return Fetched(Ended.AT_REST, standing=standing_of(account))
        server = await ImapSession.open(self._server(account), self._threads)
        try:
            await self._logins.log_in(server, account)
            await self._stay(mailbox, account, server, turn)
        finally:
            # Not for long: this also runs when the turn is cancelled.
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await server.close()
            server.abort()
        return Fetched(Ended.IN_TIME, turn.kept, standing=turn.standing)

    async def _stay(self, mailbox: MailboxRef, account: MailAccount, server: ImapSession, turn: "_Turn") -> None:
        await server.capabilities()
        folder = await server.select(account.folder)
        async with self._database.transaction(mailbox.tenant_id) as session:
            found = await account_of(session, mailbox, lock=True)
            if found is None or found.changed != account.changed:
                raise MailboxChanged
            now = datetime.now(UTC)
            await begin_reading(session, found, uid_validity=folder.uid_validity, next_uid=folder.next_uid, now=now)
        intake, idles = Intake(self._database, self._storage, mailbox, found, server), server.can("IDLE")
        await intake.tidy()
        while True:
            server.forget_news()
            async for taken in intake.new():
                turn.takes(taken, found)
                if taken.behind:
                    self._way.fetched()
                    await self._tell_what_is_owed(turn)
            if server.has_news and turn.seconds < self._pace.turn_seconds:
                # Something came while these were read.
                continue
            await self._looked(mailbox, turn, Waits.SERVER if idles else Waits.NEXT_LOOK)
            await self._tell_what_is_owed(turn)
            left = self._pace.turn_seconds - turn.seconds
            if left <= 0:
                return
            if idles:
                await server.idle(min(left, self._pace.looks_every_seconds))
            else:
                await asyncio.sleep(min(left, self._pace.without_idle_seconds))

    async def _looked(self, mailbox: MailboxRef, turn: "_Turn", waits: Waits) -> None:
        async with self._database.transaction(mailbox.tenant_id) as session:
            account = await note_look(session, mailbox, waits, datetime.now(UTC))
        if account is None or account.state is MailboxState.PAUSED:
            raise MailboxChanged
        turn.standing = standing_of(account)

    async def _failed(self, mailbox: MailboxRef, turn: "_Turn", code: str) -> Fetched:
        async with self._database.transaction(mailbox.tenant_id) as session:
            failure = await note_failure(session, mailbox, code, datetime.now(UTC))
        if failure is None:
            return Fetched(Ended.IN_TIME, turn.kept)
        log.warning("mailbox_not_reached", mailbox=str(mailbox.account_id), code=code, state=failure.standing.state)
        return Fetched(Ended.FAILED, turn.kept, failure.pause.total_seconds(), failure.standing)

    async def _tell_what_is_owed(self, turn: "_Turn") -> None:
        """Tells the workflow what was kept. When the engine is away, it is told the next time, or at the end."""
        if not turn.owes or turn.standing is None:
            return
        try:
            async with asyncio.timeout(_TELLS_WITHIN_SECONDS):
                await self._tell(turn.standing)
        except (RPCError, TimeoutError) as error:
            log.warning("mailbox_not_told", cause=type(error).__name__)
        else:
            turn.owes = False

    def _server(self, account: MailAccount) -> Server:
        return Server(account.host or "", account.port or 0, account.security, self._private)


class _Turn:
    """What a turn has come to so far. It `owes` its workflow the news of mails that were kept."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.kept = 0
        self.owes = False
        self.standing: Standing | None = None

    @property
    def seconds(self) -> float:
        """How long it lasts already."""
        return time.monotonic() - self._began

    def takes(self, taken: Taken, account: MailAccount) -> None:
        """Counts what was taken in; the mailbox is reading."""
        self.kept += taken.count
        self.owes = self.owes or taken.count > 0
        last = self.standing or standing_of(account)
        newest = max(filter(None, (taken.last_mail_at, last.last_mail_at)), default=None)
        self.standing = replace(
            last,
            state=MailboxState.ACTIVE,
            waits=Waits.NOTHING,
            last_uid=taken.last_uid,
            behind=taken.behind,
            last_mail_at=newest,
        )


async def tell_workflow(standing: Standing) -> None:
    """Tells the workflow of this activity how its mailbox stands. Raises RPCError when the engine is away."""
    run = activity.client().get_workflow_handle(activity.info().workflow_id or "")
    await run.signal(ARRIVED, standing)
