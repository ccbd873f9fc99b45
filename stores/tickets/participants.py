"""Who takes part in a ticket from outside, beside its requester and its customer's people."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.mail import TicketParticipant

MOST_PARTICIPANTS = 10


async def outsiders(session: AsyncSession, ticket_id: UUID) -> list[TicketParticipant]:
    """Those who take part now, in the order in which they have come."""
    query = (
        sa.select(TicketParticipant)
        .where(col(TicketParticipant.ticket_id) == ticket_id, col(TicketParticipant.removed_at).is_(None))
        .order_by(col(TicketParticipant.created_at), col(TicketParticipant.id))
    )
    return list(await session.scalars(query))


async def addresses_of_outsiders(session: AsyncSession, ticket_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The addresses of those who take part now, by ticket."""
    query = (
        sa.select(col(TicketParticipant.ticket_id), col(TicketParticipant.address))
        .where(col(TicketParticipant.ticket_id).in_(ticket_ids), col(TicketParticipant.removed_at).is_(None))
        .order_by(col(TicketParticipant.created_at), col(TicketParticipant.id))
    )
    found: dict[UUID, list[str]] = {}
    for row in await session.execute(query):
        found.setdefault(row.ticket_id, []).append(row.address)
    return found
