"""What happens to tickets when their assignee leaves."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.pending import pending_command
from api.identity.callers import Caller
from domain.cases import CaseKind
from domain.tickets.rules import TicketStatus
from models.tickets import Ticket


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
    session.add_all(
        pending_command(caller, CaseKind.TICKET, ticket_id, "assign", {"assignee_id": None}) for ticket_id in tickets
    )
