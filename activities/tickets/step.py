"""What a ticket's workflow does to the database: one activity that takes a step, one that reads the row back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.cases.numbers import next_number
from activities.cases.step import CaseRef, Notice, Step, StepResult, begin, finish, take_on
from activities.cases.values import as_json
from activities.tickets.clocks import (
    Standing,
    TicketMoment,
    advance,
    due_times,
    record_moment,
    store_clocks,
    ticket_moments,
)
from domain.cases import CaseKind
from domain.tickets.rules import TicketPriority, TicketStatus, times_of
from domain.tickets.settings import TicketSettings
from domain.tickets.sla.clocks import Clocks, Moment
from models.database import Database
from models.tenants import Tenant
from models.tickets import Ticket, TicketMessage
from stores.people import recipients
from stores.tickets.clocks import stored_clocks
from stores.tickets.service_levels import ServiceLevels, Terms

NUMBER_DIGITS = 5
BORN_WITH = ("status", "priority", "customer_id", "requester_id")
"""What the row brings from its content, and the first event must tell for the timeline to hold all of the state."""


_TICKET_OF_TENANT = (
    sa.select(Ticket, Tenant)
    .join(Tenant, col(Tenant.id) == col(Ticket.tenant_id))
    .where(col(Ticket.id) == sa.bindparam("of_id"))
)


@dataclass(frozen=True)
class TicketNotice:
    """Which template goes to whom: `requester`, `assignee`, or `role:<key>`."""

    template: str
    audience: str


@dataclass(frozen=True, kw_only=True)
class TicketStep(Step):
    """A ticket's step: `changes` are the decided columns by name, as JSON values."""

    changes: dict[str, Any]
    message_id: UUID | None = None
    moment: Moment | None = None
    reopen_until: datetime | None = None
    notices: tuple[TicketNotice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TicketState:
    """A ticket as its workflow knows it."""

    number: str = ""
    status: TicketStatus = TicketStatus.OPEN
    priority: TicketPriority = TicketPriority.MEDIUM
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    status_since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    as_of: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    reminders_sent: int = 0
    settings: TicketSettings = field(default_factory=TicketSettings)


@dataclass(frozen=True, kw_only=True)
class TicketStepResult(StepResult):
    """The ticket after a step, and the moments its service level has to come."""

    ticket: TicketState
    moments: tuple[TicketMoment, ...] = ()


class TicketActivities:
    def __init__(self, database: Database, service_levels: ServiceLevels) -> None:
        self._database = database
        self._service_levels = service_levels

    @activity.defn(name="tickets.take_step")
    async def take_step(self, step: TicketStep) -> TicketStepResult:
        """Makes a step durable in one transaction; a second attempt returns what the first one made."""
        async with self._database.transaction(step.tenant_id) as session:
            begun = await begin(session, step)
            ticket, tenant = await _ticket_of_tenant(session, step.case_id)
            clocks = await stored_clocks(session, step.case_id) if ticket.version else None
            was = Standing(ticket.status, ticket.priority, await self._terms(session, ticket))
            if begun.done:
                return _result(ticket, tenant, clocks, was.terms, deliveries=len(step.notices))
            values = {name: _typed(name, value) for name, value in step.changes.items()}
            terms = await self._service_levels.current_for(session, ticket) if _looks_again(step, was) else was.terms
            now = Standing(values.get("status", was.status), values.get("priority", was.priority), terms)
            after = advance(clocks, step, step.moment, was, now)
            values |= times_of(was.status, now.status, step.at, ticket.resolved_at, opening=step.version == 1)
            values |= due_times(after) | {"sla_terms_id": terms.id if terms else None}
            if step.kind == "agent_replied" and ticket.first_responded_at is None:
                values["first_responded_at"] = step.at
            await store_clocks(session, step, clocks, after)
            if step.moment:
                await record_moment(session, step, step.moment)
            await _post(session, step)
            notices = await _notices(session, step, ticket, after)
            if step.version == 1:
                values["number"] = await next_number(session, tenant, "TCK", step.at, NUMBER_DIGITS)
            await _finish(session, step, ticket, values, begun.reason, notices)
            return _result(ticket, tenant, after, terms, deliveries=len(notices))

    @activity.defn(name="tickets.load")
    async def load(self, ref: CaseRef) -> TicketStepResult:
        """The ticket as its row stands: where a new run begins after an earlier one has ended."""
        async with self._database.transaction(ref.tenant_id) as session:
            ticket, tenant = await _ticket_of_tenant(session, ref.case_id)
            clocks = await stored_clocks(session, ref.case_id)
            return _result(ticket, tenant, clocks, await self._terms(session, ticket), deliveries=0)

    async def _terms(self, session: AsyncSession, ticket: Ticket) -> Terms | None:
        return await self._service_levels.terms(session, ticket.sla_terms_id) if ticket.sla_terms_id else None


def _looks_again(step: TicketStep, was: Standing) -> bool:
    """Whether the step chooses the terms anew. What opened without a promise is not promised anything later."""
    return step.version == 1 or (step.kind == "service_level_changed" and was.terms is not None)


async def _finish(
    session: AsyncSession,
    step: TicketStep,
    ticket: Ticket,
    values: dict[str, Any],
    reason: str | None,
    notices: list[Notice],
) -> None:
    changed = {name: value for name, value in values.items() if value != getattr(ticket, name)}
    if step.version == 1:
        changed |= {name: getattr(ticket, name) for name in BORN_WITH}
    take_on(session, step, ticket, changed)
    await finish(
        session,
        step,
        kind=CaseKind.TICKET,
        model=Ticket,
        values=changed,
        changes=as_json(changed),
        reason=reason,
        notices=notices,
    )


async def _ticket_of_tenant(session: AsyncSession, ticket_id: UUID) -> tuple[Ticket, Tenant]:
    ticket, tenant = (await session.execute(_TICKET_OF_TENANT, {"of_id": ticket_id})).one()
    return ticket, tenant


def _result(
    ticket: Ticket, tenant: Tenant, clocks: Clocks | None, terms: Terms | None, *, deliveries: int
) -> TicketStepResult:
    return TicketStepResult(
        version=ticket.version,
        deliveries=deliveries,
        ticket=TicketState(
            number=ticket.number or "",
            status=ticket.status,
            priority=ticket.priority,
            assignee_id=ticket.assignee_id,
            group_id=ticket.group_id,
            status_since=ticket.status_since or ticket.created_at,
            as_of=ticket.updated_at,
            reminders_sent=ticket.reminders_sent,
            settings=TicketSettings.of(tenant.settings.get("tickets", {})),
        ),
        moments=ticket_moments(clocks, terms),
    )


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    match name:
        case "status":
            return TicketStatus(value)
        case "priority":
            return TicketPriority(value)
        case "assignee_id" | "group_id":
            return UUID(str(value))
        case _:
            return value


async def _post(session: AsyncSession, step: TicketStep) -> None:
    if step.message_id:
        await session.execute(
            sa.update(TicketMessage)
            .where(col(TicketMessage.id) == step.message_id, col(TicketMessage.ticket_id) == step.case_id)
            .values(posted_at=step.at)
            .execution_options(synchronize_session=False)
        )


async def _notices(session: AsyncSession, step: TicketStep, ticket: Ticket, clocks: Clocks | None) -> list[Notice]:
    context: dict[str, Any] = {"number": ticket.number, "subject": ticket.subject}
    if step.reopen_until:
        context["reopen_until_at"] = step.reopen_until.isoformat()
    if step.moment and clocks and (clock := clocks.of(step.moment.clock)):
        context |= {"clock": clock.kind, "target_at": (clock.due_at or step.moment.at).isoformat()}
    found = [
        Notice(notice.template, account_id, context)
        for notice in step.notices
        for account_id in await recipients(session, ticket, notice.audience)
    ]
    # Who is both assignee and manager is told once.
    return list({(notice.template, notice.recipient_id): notice for notice in found}.values())
