"""The service level clocks of a ticket as they are stored."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.tickets.sla.clock import Clock
from domain.tickets.sla.clocks import Clocks
from models.sla import SlaClock

_STORED = sa.select(col(SlaClock.clock)).where(col(SlaClock.ticket_id) == sa.bindparam("of_ticket"))


async def stored_clocks(session: AsyncSession, ticket_id: UUID) -> Clocks | None:
    """The clocks of a ticket, None when nothing was promised."""
    stored = await session.scalars(_STORED, {"of_ticket": ticket_id})
    clocks = tuple(Clock.from_json(clock) for clock in stored)
    return Clocks.of_every(clocks) if clocks else None
