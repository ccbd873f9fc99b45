"""Turns that are taken: mails of one sender, and those on one ticket, are decided one after the other; who logs in to a
mailbox has its new token alone."""

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from models.plain import Plain
from models.round_trips import Statement, run, send_with_next

_SENDERS, _TICKETS, _ANSWERS, _LOGINS = "mail sender", "mail ticket", "mail answer", "mail login"
# In the order of the keys, so that two who want the same do not wait for each other.
_KEYS = sa.func.unnest(sa.bindparam("keys", type_=ARRAY(sa.BigInteger))).column_valued("key")
_LOCK = Plain(sa.select(sa.func.pg_advisory_xact_lock(_KEYS)))


def lock_addresses(session: AsyncSession, tenant_id: UUID, addresses: Iterable[str]) -> None:
    """Has the session's next statement wait until no other transaction decides about mail of one of these addresses,
    and keeps others waiting. To be called once, and before `lock_ticket`: so nobody waits in a circle."""
    send_with_next(session, _locking(*(f"{_SENDERS}/{tenant_id}/{address}" for address in addresses)))


async def lock_ticket(session: AsyncSession, ticket_id: UUID) -> None:
    """Waits until no other transaction decides about a mail on this ticket, and keeps others waiting."""
    await run(session, _locking(f"{_TICKETS}/{ticket_id}"))


def lock_answers(session: AsyncSession, addresses: Iterable[str]) -> None:
    """Has the session's next statement wait until no other transaction, of whatever tenant, decides about an automatic
    answer to one of these addresses, and keeps others waiting. To be called after all other locks."""
    send_with_next(session, _locking(*(f"{_ANSWERS}/{address}" for address in addresses)))


async def lock_login(session: AsyncSession, account_id: UUID) -> None:
    """Waits until no other transaction has a new token for this mailbox, and keeps others waiting."""
    await run(session, _locking(f"{_LOGINS}/{account_id}"))


def _locking(*names: str) -> Statement:
    keys = sorted({int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True) for name in names})
    return _LOCK(keys=keys)
