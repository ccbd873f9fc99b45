"""What a change of people means for tickets."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.callers import Caller
from api.correlation import correlation_id
from domain.case import CaseKind
from domain.ticket import TicketStatus
from models.case import CommandRow
from models.ticket import Ticket


async def unassign_tickets(session: AsyncSession, caller: Caller, account_id: UUID) -> None:
    """Writes a pending command for each open ticket that is assigned to the account; the sweep delivers them."""
    tickets = await session.scalars(
        sa.select(col(Ticket.id)).where(
            col(Ticket.tenant_id) == caller.tenant_id,
            col(Ticket.version) > 0,
            col(Ticket.status) != TicketStatus.CLOSED,
            col(Ticket.assignee_id) == account_id,
        )
    )
    commands = [
        CommandRow(
            id=uuid7(),
            tenant_id=caller.tenant_id,
            case_kind=CaseKind.TICKET,
            case_id=ticket_id,
            kind="ticket.assign",
            arguments={"assignee_id": None},
            actor_id=caller.account_id,
            correlation_id=correlation_id(),
            fingerprint="",
            created_at=datetime.now(UTC),
        )
        for ticket_id in tickets
    ]
    session.add_all(commands)
