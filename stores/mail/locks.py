"""Turns that mails take: those of one sender, and those on one ticket, are decided one after the other."""

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

_SENDERS, _TICKETS = "mail sender", "mail ticket"


async def lock_addresses(session: AsyncSession, tenant_id: UUID, addresses: Iterable[str]) -> None:
    """Waits until no other transaction decides about mail of one of these addresses, and keeps others waiting. To be
    called once, and before `lock_ticket`: so nobody waits in a circle."""
    await _lock(session, *(f"{_SENDERS}/{tenant_id}/{address}" for address in addresses))


async def lock_ticket(session: AsyncSession, ticket_id: UUID) -> None:
    """As `lock_addresses`, for the mails on a ticket."""
    await _lock(session, f"{_TICKETS}/{ticket_id}")


async def _lock(session: AsyncSession, *names: str) -> None:
    keys = sorted({int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True) for name in names})
    for key in keys:
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
