"""When a service level changes: it gets new terms, and every open ticket concerned computes its deadlines anew."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.correlation import correlation_id
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from domain.tickets.rules import TicketStatus
from models.cases import CommandRow
from models.sla import Calendar, SlaPolicy, SlaTerms
from models.tickets import Ticket
from stores.tickets.service_levels import calendar_of, policy_of

POLICY_FIELDS = ("targets", "warn_percent", "escalations")
CALENDAR_FIELDS = (
    "timezone",
    "always_open",
    "windows",
    "holiday_country",
    "holidays_added",
    "holidays_removed",
)


def definition(row: Calendar | SlaPolicy) -> dict[str, Any]:
    """The part of a calendar or policy that deadlines are computed from."""
    return {name: getattr(row, name) for name in (CALENDAR_FIELDS if isinstance(row, Calendar) else POLICY_FIELDS)}


async def renew_terms(session: AsyncSession, policy: SlaPolicy) -> None:
    """Makes what the policy and its calendar say now the current terms. Raises Refusal when they make no sense."""
    calendar = await session.get_one(Calendar, policy.calendar_id)
    policy_of(definition(policy))
    calendar_of(definition(calendar))
    await session.flush()
    await session.execute(
        sa.update(SlaTerms).where(col(SlaTerms.policy_id) == policy.id, col(SlaTerms.current)).values(current=False)
    )
    session.add(
        SlaTerms(
            tenant_id=policy.tenant_id,
            policy_id=policy.id,
            policy=definition(policy),
            calendar=definition(calendar),
        )
    )
    await session.flush()


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
