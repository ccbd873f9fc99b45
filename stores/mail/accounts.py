"""Mailboxes as those who fetch mail need them: where, how far, and how it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.fetching import Standing, pause_after, state_after
from domain.mail.mailbox import MailboxRef
from domain.mail.reach import Reach, again_since
from domain.mail.states import MailboxState, Waits
from models.mail import MailAccount, MailAccountAddress
from stores.account_mail import stage_account_mail
from stores.people import people_with_role


@dataclass(frozen=True)
class Failure:
    """What has become of a mailbox by an error: how it stands, and how long it is left alone."""

    standing: Standing
    pause: timedelta


async def account_of(session: AsyncSession, mailbox: MailboxRef, *, lock: bool = False) -> MailAccount | None:
    """The mailbox, None when it is no more; with `lock` nobody else changes it until the transaction ends."""
    query = sa.select(MailAccount).where(
        col(MailAccount.tenant_id) == mailbox.tenant_id, col(MailAccount.id) == mailbox.account_id
    )
    # Every mail that is written refers to its mailbox: those need not wait.
    found: MailAccount | None = await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True) if lock else query
    )
    return found


def standing_of(account: MailAccount, *, behind: int = 0, next_try_at: datetime | None = None) -> Standing:
    """How a mailbox stands, by its row."""
    return Standing(
        state=account.state,
        waits=account.waits,
        last_uid=account.last_uid,
        behind=behind,
        last_mail_at=account.last_mail_at,
        last_error=account.last_error,
        last_error_at=account.last_error_at,
        next_try_at=next_try_at,
    )


async def begin_reading(
    session: AsyncSession, account: MailAccount, *, uid_validity: int, next_uid: int, now: datetime
) -> None:
    """Notes what the folder of a locked mailbox is: at the first time, and when its UIDs have changed their meaning,
    how far back it is read follows from that. `next_uid` is the UID that the next mail will get."""
    looked_at, account.last_looked_at = account.last_looked_at, now
    if account.uid_validity == uid_validity:
        return
    if account.uid_validity is not None:
        account.again_since = again_since(now, looked_at)
    account.uid_validity, account.from_uid, account.last_uid = uid_validity, next_uid, 0
    await session.flush()


def reach_of(account: MailAccount) -> Reach:
    """How far back the folder of a mailbox is read."""
    connected_at = account.connected_at or account.created_at
    return Reach(account.start, account.from_uid or 1, connected_at, account.since, account.again_since)


async def note_look(session: AsyncSession, mailbox: MailboxRef, waits: Waits, now: datetime) -> MailAccount | None:
    """Notes that the server was asked and has answered, and what is waited for now. Administrators are told when the
    mailbox was failing. Returns the mailbox, None when it is no more."""
    account = await account_of(session, mailbox, lock=True)
    if account is None:
        return None
    failed = account.state is MailboxState.FAILING
    if account.state is not MailboxState.PAUSED:
        account.state, account.waits, account.errors, account.last_error = MailboxState.ACTIVE, waits, 0, None
    account.last_looked_at = now
    await session.flush()
    if failed:
        await _tell_administrators(session, account, "mailbox_works")
    return account


async def note_failure(session: AsyncSession, mailbox: MailboxRef, code: str, now: datetime) -> Failure | None:
    """Notes that a try has failed, with a code for why. Administrators are told when the mailbox begins to be failing,
    once. None when the mailbox is no more, or nobody shall fetch there."""
    account = await account_of(session, mailbox, lock=True)
    if account is None or account.state is MailboxState.PAUSED:
        return None
    account.errors += 1
    pause, before = pause_after(account.errors, code), account.state
    account.state, account.waits = state_after(account.errors), Waits.NEXT_TRY
    account.last_error, account.last_error_at = code, now
    await session.flush()
    if account.state is MailboxState.FAILING and before is not MailboxState.FAILING:
        await _tell_administrators(session, account, "mailbox_failing")
    return Failure(standing_of(account, next_try_at=now + pause), pause)


async def skip_to(session: AsyncSession, mailbox: MailboxRef, uid_validity: int, uid: int) -> None:
    """Moves the last UID over mails that are not read."""
    await session.execute(
        sa.update(MailAccount)
        .where(
            col(MailAccount.tenant_id) == mailbox.tenant_id,
            col(MailAccount.id) == mailbox.account_id,
            col(MailAccount.uid_validity) == uid_validity,
            col(MailAccount.last_uid) < uid,
        )
        .values(last_uid=uid, last_looked_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )


async def address_of(session: AsyncSession, account_id: UUID) -> str | None:
    """What a mailbox sends as."""
    found: str | None = await session.scalar(
        sa.select(col(MailAccountAddress.address)).where(
            col(MailAccountAddress.account_id) == account_id, col(MailAccountAddress.place) == 0
        )
    )
    return found


async def _tell_administrators(session: AsyncSession, account: MailAccount, template: str) -> None:
    facts = {"mailbox": account.name, "code": account.last_error}
    for person in await people_with_role(session, "admin"):
        await stage_account_mail(
            session,
            tenant_id=account.tenant_id,
            account_id=person,
            template=template,
            correlation_id=f"mailbox-{account.id}",
            context=facts,
        )
