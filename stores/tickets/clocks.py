"""The service level clocks of a ticket as they are stored."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.tickets.sla.clock import Clock
from domain.tickets.sla.clocks import Clocks
from models.sla import SlaClock
from models.tickets import Ticket

_STORED = sa.select(col(SlaClock.clock)).where(col(SlaClock.ticket_id) == sa.bindparam("of_ticket"))

CLOCKS_OF_TICKET = (
    sa.select(sa.func.jsonb_agg(col(SlaClock.clock)))
    .where(col(SlaClock.ticket_id) == col(Ticket.id))
    .correlate(Ticket)
    .scalar_subquery()
)
"""The clocks of a ticket as a column beside it: None when nothing was promised, else for `clocks_of`."""


async def stored_clocks(session: AsyncSession, ticket_id: UUID) -> Clocks | None:
    """The clocks of a ticket, None when nothing was promised."""
    return clocks_of(await session.scalars(_STORED, {"of_ticket": ticket_id}))


def clocks_of(stored: Iterable[dict[str, Any]] | None) -> Clocks | None:
    """The clocks that were stored as these, None when there are none."""
    clocks = tuple(Clock.from_json(clock) for clock in stored or ())
    return Clocks.of_every(clocks) if clocks else None
