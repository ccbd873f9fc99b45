"""Lets go of what is kept of mails for a while only: the bytes of those that are done with, and spam altogether."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.states import MailState
from models.database import Database
from models.mail import Mail
from models.tickets import Ticket
from stores.files.storage import FileStorage
from stores.mail.settling import delete
from stores.tenants import tenant_ids

RAW_KEPT_FOR = timedelta(days=90)
"""After its ticket was closed, or of a mail without a ticket after it was decided about."""
SPAM_KEPT_FOR = timedelta(days=30)

_AT_ONCE = 200
_SETTLED_WITHOUT_TICKET = (MailState.IGNORED, MailState.AUTOMATIC, MailState.BOUNCE, MailState.DUPLICATE)


async def forget_old_mail(database: Database, storage: FileStorage, now: datetime | None = None) -> Counter[str]:
    """Removes the bytes of mails, and what spam has said; returns how many of each. What is not removed from the
    storage because this ends early is swept there as bytes that nobody names. Raises StorageAway."""
    now = now or datetime.now(UTC)
    forgotten = Counter[str]()
    async with database.transaction() as session:
        tenants = await tenant_ids(session)
    for tenant_id in tenants:
        for what, which in (("spam", _old_spam(now)), ("raw", _done_with(now))):
            while some := await _let_go(database, tenant_id, which, now, whole=what == "spam"):
                for key in filter(None, some):
                    await storage.delete(key)
                forgotten[what] += len(some)
    return forgotten


def _old_spam(now: datetime) -> sa.ColumnElement[bool]:
    return (col(Mail.state) == MailState.SPAM) & (col(Mail.settled_at) < now - SPAM_KEPT_FOR)


def _done_with(now: datetime) -> sa.ColumnElement[bool]:
    before = now - RAW_KEPT_FOR
    closed = sa.exists().where(col(Ticket.id) == col(Mail.ticket_id), col(Ticket.closed_at) < before)
    alone = col(Mail.ticket_id).is_(None) & col(Mail.state).in_(_SETTLED_WITHOUT_TICKET)
    return col(Mail.raw_key).is_not(None) & (closed | (alone & (col(Mail.settled_at) < before)))


async def _let_go(
    database: Database, tenant_id: UUID, which: sa.ColumnElement[bool], now: datetime, *, whole: bool
) -> list[str | None]:
    """Writes that some are let go of; returns the keys of their bytes."""
    async with database.transaction(tenant_id) as session:
        mails = list(await session.scalars(_some(tenant_id, which)))
        return [await _forget(session, mail, now, whole=whole) for mail in mails]


def _some(tenant_id: UUID, which: sa.ColumnElement[bool]) -> sa.Select[Mail]:
    query = sa.select(Mail).where(col(Mail.tenant_id) == tenant_id, which).order_by(col(Mail.id)).limit(_AT_ONCE)
    return query.with_for_update(skip_locked=True)


async def _forget(session: AsyncSession, mail: Mail, now: datetime, *, whole: bool) -> str | None:
    if whole:
        return await delete(session, mail, now)
    key, mail.raw_key = mail.raw_key, None
    return key
