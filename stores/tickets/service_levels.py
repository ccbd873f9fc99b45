"""The terms that a ticket was promised: choosing them, and reading them back as the domain's policy and calendar."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.calendar import BusinessCalendar, Window
from domain.public_holidays import public_holidays
from domain.tickets.rules import TicketPriority
from domain.tickets.sla.policy import ClockKind, Escalation, EscalationAction, Policy, Targets
from models.people import Customer
from models.plain import Plain
from models.round_trips import run
from models.sla import SlaPolicy, SlaTerms
from models.tickets import Ticket, TicketCategory

FIRST_YEAR, LAST_YEAR = 2020, 2040
REMEMBERED_TERMS = 1024
ALWAYS_OPEN = BusinessCalendar("UTC", always_open=True)


@dataclass(frozen=True)
class Terms:
    """A policy and the calendar its minutes are counted in."""

    id: UUID
    policy: Policy
    calendar: BusinessCalendar


def policy_of(stored: dict[str, Any]) -> Policy:
    """The domain's policy of a stored one. Raises Refusal `sla_policy_invalid`."""
    return Policy(
        targets={TicketPriority(priority): Targets(**targets) for priority, targets in stored["targets"].items()},
        warn_percent=stored["warn_percent"],
        escalations=tuple(
            Escalation(**{**step, "clock": ClockKind(step["clock"]), "action": EscalationAction(step["action"])})
            for step in stored["escalations"]
        ),
    )


def calendar_of(stored: dict[str, Any]) -> BusinessCalendar:
    """The domain's calendar of a stored one. Raises Refusal `calendar_invalid`, `country_unknown` and its like."""
    return BusinessCalendar(
        timezone=stored["timezone"],
        windows=tuple(Window(**window) for window in stored["windows"]),
        holidays=_holidays(stored),
        always_open=stored["always_open"],
    )


def _holidays(stored: dict[str, Any]) -> tuple[tuple[date, str], ...]:
    added = {date.fromisoformat(day): name for day, name in stored["holidays_added"].items()}
    if stored["holiday_country"] is None:
        return tuple(added.items())
    removed = {date.fromisoformat(day) for day in stored["holidays_removed"]}
    days = public_holidays(stored["holiday_country"], range(FIRST_YEAR, LAST_YEAR + 1), added, removed)
    return tuple(days.items())


async def default_calendar(session: AsyncSession, tenant_id: UUID) -> BusinessCalendar:
    """The opening hours by which tasks are due: those of the tenant's default policy, else round the clock."""
    stored = await session.scalar(
        sa.select(col(SlaTerms.calendar))
        .join(SlaPolicy, col(SlaPolicy.id) == col(SlaTerms.policy_id))
        .where(col(SlaPolicy.tenant_id) == tenant_id, col(SlaPolicy.is_default), col(SlaTerms.current))
    )
    return calendar_of(stored) if stored else ALWAYS_OPEN


class ServiceLevels:
    """Reads terms. They never change, so each is parsed once per process."""

    def __init__(self) -> None:
        self._known: dict[UUID, Terms] = {}

    async def terms(self, session: AsyncSession, terms_id: UUID) -> Terms:
        """The terms of that id."""
        if terms_id not in self._known:
            row = await session.get_one(SlaTerms, terms_id)
            if len(self._known) >= REMEMBERED_TERMS:
                self._known.clear()
            self._known[terms_id] = Terms(row.id, policy_of(row.policy), calendar_of(row.calendar))
        return self._known[terms_id]

    async def current_for(self, session: AsyncSession, ticket: Ticket) -> Terms | None:
        """The terms in force for a ticket: by its customer, else its category, else the tenant's default."""
        of_ticket = {
            "of_customer": ticket.customer_id,
            "of_category": ticket.category_id,
            "of_tenant": ticket.tenant_id,
        }
        found = await run(session, _IN_FORCE(**of_ticket))
        return await self.terms(session, found[0].id) if found else None


_POLICY = sa.func.coalesce(
    sa.select(col(Customer.sla_policy_id)).where(col(Customer.id) == sa.bindparam("of_customer")).scalar_subquery(),
    sa.select(col(TicketCategory.sla_policy_id))
    .where(col(TicketCategory.id) == sa.bindparam("of_category"))
    .scalar_subquery(),
    sa.select(col(SlaPolicy.id))
    .where(col(SlaPolicy.tenant_id) == sa.bindparam("of_tenant"), col(SlaPolicy.is_default))
    .scalar_subquery(),
)
_IN_FORCE = Plain(sa.select(col(SlaTerms.id)).where(col(SlaTerms.policy_id) == _POLICY, col(SlaTerms.current)))
