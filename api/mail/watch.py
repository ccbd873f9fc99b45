"""Looks after mailboxes: each that is to be fetched has its workflow, and what has arrived is read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import col
from temporalio.client import Client

from domain.mail.fetching import LONGEST_PAUSE
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailboxState, MailState, Source
from models.database import Database
from models.mail import Mail, MailAccount
from runtime.mailboxes import make_sure, wake
from stores.tenants import tenants_with_mailboxes, tenants_with_neglected_mail

_LOOKED_AT_WITHIN = timedelta(minutes=7)
_TRIED_WITHIN = LONGEST_PAUSE + timedelta(minutes=5)
_BEGUN_WITHIN = timedelta(seconds=10)
_READ_WITHIN = timedelta(minutes=2)
_WOKEN_AGAIN_AFTER = timedelta(minutes=5)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class MailboxWatch:
    """Each method may run beside another's, and raises RPCError when the engine is away."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client, self._database = client, database
        self._woken_at: dict[tuple[UUID, bool], datetime] = {}

    async def begin_all(self) -> int:
        """Starts the workflow of every mailbox that has none, whether it is to be fetched or has unread mails: after
        the engine has lost its store. Returns how many there are."""
        fetched = (col(MailAccount.state) != MailboxState.PAUSED) & (col(MailAccount.source) == Source.IMAP)
        count = 0
        async with self._database.transaction() as session:
            tenants = await tenants_with_mailboxes(session)
        for tenant_id in tenants:
            for account_id in await self._ids(tenant_id, fetched | _unread(timedelta(0))):
                await make_sure(self._client, MailboxRef(tenant_id, account_id))
                count += 1
        return count

    async def wake_neglected(self) -> int:
        """Wakes those of which the rows say that nobody looks after them: new ones, changed ones of which the workflow
        was not told, ones that were not looked at or read for too long. Returns how many there were."""
        woken, now = 0, datetime.now(UTC)
        async with self._database.transaction() as session:
            tenants = await tenants_with_neglected_mail(
                session, heard_before=now - min(_LOOKED_AT_WITHIN, _TRIED_WITHIN), kept_before=now - _READ_WITHIN
            )
        for tenant_id in tenants:
            for which, look in ((_neglected(), True), (_unread(_READ_WITHIN), False)):
                for account_id in await self._ids(tenant_id, which):
                    woken += await self._wake(MailboxRef(tenant_id, account_id), look=look)
        if woken:
            log.info("mailboxes_woken", count=woken)
        return woken

    async def _wake(self, mailbox: MailboxRef, *, look: bool) -> bool:
        """Wakes a mailbox, unless that was done a moment ago: to be looked at anew it interrupts what it does."""
        now, which = datetime.now(UTC), (mailbox.account_id, look)
        if now - self._woken_at.get(which, _LONG_AGO) < _WOKEN_AGAIN_AFTER:
            return False
        await wake(self._client, mailbox, look=look)
        self._woken_at = {key: at for key, at in self._woken_at.items() if now - at < _WOKEN_AGAIN_AFTER}
        self._woken_at[which] = now
        return True

    async def _ids(self, tenant_id: UUID, which: sa.ColumnElement[bool]) -> list[UUID]:
        query = sa.select(col(MailAccount.id)).where(col(MailAccount.tenant_id) == tenant_id, which)
        async with self._database.glance(tenant_id) as session:
            return list(await session.scalars(query))


def _neglected() -> sa.ColumnElement[bool]:
    now = datetime.now(UTC)
    heard = sa.func.greatest(col(MailAccount.last_looked_at), col(MailAccount.last_error_at))
    changed_unheard = (heard.is_(None) | (heard < col(MailAccount.updated_at))) & (
        col(MailAccount.updated_at) < now - _BEGUN_WITHIN
    )
    unseen = (col(MailAccount.state) == MailboxState.ACTIVE) & (heard < now - _LOOKED_AT_WITHIN)
    untried = (col(MailAccount.state) == MailboxState.FAILING) & (heard < now - _TRIED_WITHIN)
    to_fetch = (col(MailAccount.source) == Source.IMAP) & (col(MailAccount.state) != MailboxState.PAUSED)
    return to_fetch & (changed_unheard | unseen | untried)


def _unread(for_longer_than: timedelta) -> sa.ColumnElement[bool]:
    """Whether a mail of the mailbox has waited to be read for so long."""
    return sa.exists().where(
        col(Mail.tenant_id) == col(MailAccount.tenant_id),
        col(Mail.account_id) == col(MailAccount.id),
        col(Mail.state) == MailState.RECEIVED,
        col(Mail.created_at) <= datetime.now(UTC) - for_longer_than,
    )
