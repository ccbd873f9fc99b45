"""Keeps a mail whose bytes lie in the storage: by whichever way it came, this writes its row."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailboxState, MailState
from models.mail import Mail, MailAccount


class MailboxChanged(Exception):
    """The mailbox is no more, is paused, or has been changed since it was looked at: who fetches there begins anew."""


@dataclass(frozen=True)
class Kept:
    """The row of a mail: whether it `is_new`, and the key of the bytes that it names."""

    id: UUID
    is_new: bool
    raw_key: str | None


@dataclass(frozen=True)
class Raw:
    """The bytes of a mail under their key in the storage, None when its server does not give them. `size` is what the
    whole mail has, also when it is `too_large` and only a part of it was stored, whose digest `sha256` then is.
    `arrived_at` is when its server received it."""

    key: str | None
    size: int
    sha256: str
    arrived_at: datetime
    too_large: bool = False


@dataclass(frozen=True)
class OnServer:
    """Where a mail lies on an IMAP server: a UID means a mail only in its folder, under its UIDVALIDITY, of that
    `server`. `changed` is what the mailbox's was when the work began."""

    server: str
    folder: str
    uid_validity: int
    uid: int
    changed: int

    def key(self, mailbox: MailboxRef) -> str:
        """Where its bytes are stored: always at the same place, so that none are left over when it is kept twice."""
        place = f"{mailbox.account_id}/{self.server}/{self.uid_validity}/{self.uid}/{self.folder}"
        return f"{mailbox.tenant_id}/{hashlib.sha256(place.encode()).hexdigest()[:40]}"


async def keep(session: AsyncSession, account: MailAccount, raw: Raw) -> Kept:
    """Writes the row of a mail that was sent to us, as `received`, into a mailbox that is locked
    (`accounts.account_of`). Raises MailboxChanged, in which case nothing may be written."""
    if (made := await session.scalar(_KEPT, _values(account, raw, None))) is None:
        raise MailboxChanged
    return _new(account, raw, made)


async def keep_each(session: AsyncSession, account: MailAccount, mails: Sequence[tuple[Raw, OnServer]]) -> list[Kept]:
    """As `keep`, of mails of a server, in order of their UIDs: moves the last UID of the mailbox, and however many keep
    the same mail at once, it has one row. It takes one statement where they can only be new.

    A mail that was kept under another UIDVALIDITY, with the same bytes, is that one: its row gets the new UID, and the
    bytes of its `Raw` are not needed.
    """
    for _, place in mails:
        _require_unchanged(account, place)
    # The mailbox's own row is written once, with the last of the mails that are kept together.
    with session.no_autoflush:
        if account.again_since is None and all(place.uid > account.last_uid for _, place in mails):
            return await _keep_new(session, account, mails)
        kept: list[Kept] = []
        for raw, place in mails:
            if known := await _known(session, account, raw, place):
                _move_on(account, place)
                kept.append(known)
            else:
                kept += await _keep_new(session, account, [(raw, place)])
        return kept


async def _keep_new(session: AsyncSession, account: MailAccount, mails: Sequence[tuple[Raw, OnServer]]) -> list[Kept]:
    rows = [_values(account, raw, place) for raw, place in mails]
    made = set((await (await session.connection()).execute(_KEPT, rows)).scalars()) if rows else set()
    kept: list[Kept] = []
    for (raw, place), row in zip(mails, rows, strict=True):
        _move_on(account, place)
        # One that has a row was kept before its folder was begun anew.
        kept.append(_new(account, raw, row["id"]) if row["id"] in made else await _at(session, account, place))
    return kept


def _new(account: MailAccount, raw: Raw, mail_id: UUID) -> Kept:
    account.last_mail_at = max(account.last_mail_at or raw.arrived_at, raw.arrived_at)
    return Kept(mail_id, is_new=True, raw_key=raw.key)


_KEPT = insert(Mail.__table__).on_conflict_do_nothing().returning(col(Mail.id))  # type: ignore[attr-defined]


def _values(account: MailAccount, raw: Raw, on_server: OnServer | None) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "tenant_id": account.tenant_id,
        "account_id": account.id,
        "received_at": raw.arrived_at,
        "raw_key": raw.key,
        "raw_size": raw.size,
        "raw_sha256": raw.sha256,
        "too_large": raw.too_large,
        "state": MailState.RECEIVED,
        "folder": on_server.folder if on_server else None,
        "uid_validity": on_server.uid_validity if on_server else None,
        "uid": on_server.uid if on_server else None,
    }


def _require_unchanged(account: MailAccount, on_server: OnServer) -> None:
    paused = account.state is MailboxState.PAUSED
    if paused or account.changed != on_server.changed or account.uid_validity != on_server.uid_validity:
        raise MailboxChanged


def _move_on(account: MailAccount, on_server: OnServer) -> None:
    account.last_uid, account.last_looked_at = max(account.last_uid, on_server.uid), datetime.now(UTC)


async def _known(session: AsyncSession, account: MailAccount, raw: Raw, on_server: OnServer) -> Kept | None:
    """The row that this mail has already."""
    of_account = (col(Mail.tenant_id) == account.tenant_id, col(Mail.account_id) == account.id)
    if on_server.uid <= account.last_uid:
        # Somebody else was faster, or it was passed over: below the last UID a row is not made any more.
        return await _at(session, account, on_server)
    if account.again_since is None:
        return None
    earlier = (
        sa.select(col(Mail.id))
        .where(
            *of_account,
            col(Mail.folder) == on_server.folder,
            col(Mail.uid_validity) != on_server.uid_validity,
            col(Mail.raw_sha256) == raw.sha256,
        )
        .order_by(col(Mail.id))
        .limit(1)
    )
    moved = (
        sa.update(Mail)
        .where(col(Mail.id) == earlier.scalar_subquery())
        .values(uid_validity=on_server.uid_validity, uid=on_server.uid)
        .returning(col(Mail.id), col(Mail.raw_key))
        .execution_options(synchronize_session=False)
    )
    again = (await session.execute(moved)).one_or_none()
    return Kept(again.id, is_new=False, raw_key=again.raw_key) if again else None


async def _at(session: AsyncSession, account: MailAccount, on_server: OnServer) -> Kept:
    """The row of the mail at this place of the server. Raises MailboxChanged when there is none."""
    row = (
        await session.execute(
            sa.select(col(Mail.id), col(Mail.raw_key)).where(
                col(Mail.tenant_id) == account.tenant_id,
                col(Mail.account_id) == account.id,
                col(Mail.folder) == on_server.folder,
                col(Mail.uid_validity) == on_server.uid_validity,
                col(Mail.uid) == on_server.uid,
            )
        )
    ).one_or_none()
    if row is None:
        raise MailboxChanged
    return Kept(row.id, is_new=False, raw_key=row.raw_key)


async def kept_among(session: AsyncSession, mailbox: MailboxRef, place: OnServer, uids: list[int]) -> set[int]:
    """Those of the UIDs of a folder whose mails were kept, with their bytes, within the last day."""
    found = await session.scalars(
        sa.select(col(Mail.uid)).where(
            col(Mail.tenant_id) == mailbox.tenant_id,
            col(Mail.account_id) == mailbox.account_id,
            col(Mail.folder) == place.folder,
            col(Mail.uid_validity) == place.uid_validity,
            col(Mail.raw_key).is_not(None),
            col(Mail.created_at) > sa.func.now() - timedelta(days=1),
            col(Mail.uid) == sa.any_(sa.literal(uids, sa.ARRAY(sa.BigInteger()))),
        )
    )
    return {uid for uid in found if uid is not None}


async def leave_server(session: AsyncSession, account: MailAccount) -> None:
    """Takes from what was kept the UIDs that it had, since the mailbox is going to be another server's, where they mean
    other mails."""
    await session.execute(
        sa.update(Mail)
        .where(col(Mail.tenant_id) == account.tenant_id, col(Mail.account_id) == account.id, col(Mail.uid_validity) > 0)
        .values(uid_validity=-col(Mail.uid_validity))
        .execution_options(synchronize_session=False)
    )
