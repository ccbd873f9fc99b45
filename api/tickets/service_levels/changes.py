"""When a service level changes, every open ticket concerned computes its deadlines anew."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.correlation import correlation_id
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from domain.tickets.rules import TicketStatus
from models.cases import CommandRow
from models.sla import SlaPolicy, SlaTerms
from models.tickets import Ticket


async def refresh_tickets(session: AsyncSession, caller: Caller, concerned: sa.ColumnElement[bool]) -> None:
    """Writes one pending command for each open ticket that is concerned; the sweep delivers them to the workflows."""
    commands = sa.select(
        col(Ticket.tenant_id),
        sa.func.uuidv7(),
        sa.literal(CaseKind.TICKET.value),
        col(Ticket.id),
        sa.literal("ticket.refresh_service_level"),
        sa.cast(sa.literal("{}"), CommandRow.__table__.c.arguments.type),  # type: ignore[attr-defined]
        sa.literal(caller.account_id),
        sa.literal(correlation_id()),
        sa.literal(""),
        sa.literal(CommandStatus.PENDING.value),
        sa.literal(datetime.now(UTC)),
    ).where(
        col(Ticket.tenant_id) == caller.tenant_id,
        col(Ticket.version) > 0,
        col(Ticket.status) != TicketStatus.CLOSED,
        concerned,
    )
    columns = ["tenant_id", "id", "case_kind", "case_id", "kind", "arguments"]
    columns += ["actor_id", "correlation_id", "fingerprint", "status", "created_at"]
    await session.execute(sa.insert(CommandRow).from_select(columns, commands))


def promised_by(policy: SlaPolicy) -> sa.ColumnElement[bool]:
    """Whether a ticket runs on terms of this policy."""
    terms = sa.select(col(SlaTerms.id)).where(col(SlaTerms.policy_id) == policy.id)
    return col(Ticket.sla_terms_id).in_(terms)
