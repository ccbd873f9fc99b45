"""What a ticket's workflow does to the database: one activity that takes a step, one that reads the row back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.case_steps import CaseRef, Notice, Step, StepResult, begin, finish
from activities.numbers import next_number
from activities.recipients import recipients
from activities.service_levels import ServiceLevels, Terms
from domain import sla
from domain.case import CaseKind
from domain.sla import Clocks, Moment, MomentKind
from domain.sla_clock import Clock
from domain.sla_policy import EscalationAction
from domain.ticket import TicketPriority, TicketStatus
from domain.ticket_settings import TicketSettings
from models.database import Database
from models.sla import SlaBreach, SlaClock
from models.tenant import Tenant
from models.ticket import Ticket, TicketMessage

NUMBER_DIGITS = 5
BORN_WITH = ("status", "priority", "customer_id", "requester_id")
"""What the row brings from its content, and the first event must tell for the timeline to hold all of the state."""


@dataclass(frozen=True)
class TicketNotice:
    """Which template goes to whom: `requester`, `assignee`, or `role:<key>`."""

    template: str
    audience: str


@dataclass(frozen=True)
class TicketMoment:
    """A moment of a service level that the ticket's workflow must not miss, with what the policy wants done at it."""

    name: str
    moment: Moment
    why: str
    action: EscalationAction | None = None
    target: str | None = None


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
            ticket = await session.get_one(Ticket, step.case_id)
            clocks = await stored_clocks(session, step.case_id) if ticket.version else None
            if begun.done:
                return await self._result(session, ticket, clocks, deliveries=1 if step.notices else 0)
            terms = await self._terms(session, step, ticket)
            values = _values(step, ticket)
            after = _after(step, ticket, clocks, terms, await self._terms_before(session, ticket))
            values |= _due_times(after)
            if step.version == 1:
                values["sla_terms_id"] = terms.id if terms else None
                values["number"] = await next_number(session, step.tenant_id, "TCK", step.at, NUMBER_DIGITS)
            elif terms and terms.id != ticket.sla_terms_id:
                values["sla_terms_id"] = terms.id
            await _store_clocks(session, step, clocks, after)
            await _post(session, step)
            notices = await _notices(session, step, ticket, after)
            changed = {name: value for name, value in values.items() if value != getattr(ticket, name)}
            if step.version == 1:
                changed |= {name: getattr(ticket, name) for name in BORN_WITH}
            session.expunge(ticket)
            await finish(
                session,
                step,
                kind=CaseKind.TICKET,
                model=Ticket,
                values=changed,
                changes={name: _json(value) for name, value in changed.items()},
                reason=begun.reason,
                notices=notices,
            )
            for name, value in {**changed, "version": step.version}.items():
                setattr(ticket, name, value)
            return await self._result(session, ticket, after, deliveries=len(notices), terms=terms)

    @activity.defn(name="tickets.load")
    async def load(self, ref: CaseRef) -> TicketStepResult:
        """The ticket as its row stands: where a new run begins after an earlier one has ended."""
        async with self._database.transaction(ref.tenant_id) as session:
            ticket = await session.get_one(Ticket, ref.case_id)
            return await self._result(session, ticket, await stored_clocks(session, ref.case_id), deliveries=0)

    async def _result(
        self,
        session: AsyncSession,
        ticket: Ticket,
        clocks: Clocks | None,
        *,
        deliveries: int,
        terms: Terms | None = None,
    ) -> TicketStepResult:
        if terms is None and ticket.sla_terms_id:
            terms = await self._service_levels.terms(session, ticket.sla_terms_id)
        settings = await session.scalar(sa.select(col(Tenant.settings)).where(col(Tenant.id) == ticket.tenant_id))
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
                reminders_sent=ticket.reminders_sent,
                settings=TicketSettings.of((settings or {}).get("tickets", {})),
            ),
            moments=_moments(clocks, terms),
        )

    async def _terms(self, session: AsyncSession, step: TicketStep, ticket: Ticket) -> Terms | None:
        if step.version == 1 or step.kind == "service_level_changed":
            return await self._service_levels.current_for(session, ticket)
        return await self._terms_before(session, ticket)

    async def _terms_before(self, session: AsyncSession, ticket: Ticket) -> Terms | None:
        return await self._service_levels.terms(session, ticket.sla_terms_id) if ticket.sla_terms_id else None


def _values(step: TicketStep, ticket: Ticket) -> dict[str, Any]:
    """The columns that the decision sets, with the times that follow from it."""
    values = {name: _typed(name, value) for name, value in step.changes.items()}
    status = values.get("status")
    if step.version == 1:
        values["status_since"] = step.at
    if status is not None and status is not ticket.status:
        values["status_since"] = step.at
        values["reminders_sent"] = 0
        values["resolved_at"] = ticket.resolved_at if status is TicketStatus.CLOSED else None
        values["closed_at"] = None
        if status is TicketStatus.RESOLVED:
            values["resolved_at"] = step.at
        if status is TicketStatus.CLOSED:
            values["closed_at"] = step.at
            values["resolved_at"] = ticket.resolved_at or step.at
    if step.kind == "agent_replied" and ticket.first_responded_at is None:
        values["first_responded_at"] = step.at
    return values


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


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


def _after(
    step: TicketStep, ticket: Ticket, clocks: Clocks | None, terms: Terms | None, before: Terms | None
) -> Clocks | None:
    """The clocks after the step."""
    if terms is None:
        return clocks
    values = {name: _typed(name, value) for name, value in step.changes.items()}
    status, priority = values.get("status", ticket.status), values.get("priority", ticket.priority)
    policy, calendar = terms.policy, terms.calendar
    if clocks is None:
        return sla.open_ticket(step.at, priority, policy, calendar)
    if step.moment:
        clocks = sla.fire(clocks, policy, step.moment)
    if step.kind == "agent_replied":
        clocks = sla.agent_replied(clocks, step.at, calendar)
    if step.kind == "customer_replied":
        clocks = sla.customer_replied(clocks, step.at, priority, policy, calendar)
    if status is not ticket.status:
        clocks = sla.status_changed(clocks, ticket.status, status, step.at, priority, policy, calendar)
    if priority is not ticket.priority or terms is not before:
        was = before.calendar if before else calendar
        why = "priority changed" if terms is before else "service level changed"
        clocks = sla.retarget(clocks, step.at, priority, policy, calendar, was, why)
    return clocks


def _due_times(clocks: Clocks | None) -> dict[str, Any]:
    if clocks is None:
        return {}
    return {
        "first_response_due_at": clocks.first_response.due_at,
        "resolution_due_at": clocks.resolution.due_at,
        "first_response_breached_at": clocks.first_response.breached_at,
        "resolution_breached_at": clocks.resolution.breached_at,
    }


def _moments(clocks: Clocks | None, terms: Terms | None) -> tuple[TicketMoment, ...]:
    if clocks is None or terms is None:
        return ()
    return tuple(_ticket_moment(moment, terms) for moment in sla.moments(clocks, terms.policy, terms.calendar))


def _ticket_moment(moment: Moment, terms: Terms) -> TicketMoment:
    clock = moment.clock.replace("_", " ")
    name = f"sla/{moment.clock}/{moment.run}/{moment.what}"
    if moment.escalation_index is None:
        happens = "is due" if moment.what is MomentKind.BREACH else "comes near"
        return TicketMoment(name, moment, f"{clock} {happens}")
    step = terms.policy.escalations[moment.escalation_index]
    why = f"{clock} escalates: {step.action.replace('_', ' ')}"
    return TicketMoment(f"{name}/{moment.escalation_index}", moment, why, step.action, step.target)


async def stored_clocks(session: AsyncSession, ticket_id: UUID) -> Clocks | None:
    stored = await session.scalars(sa.select(col(SlaClock.clock)).where(col(SlaClock.ticket_id) == ticket_id))
    clocks = tuple(Clock.from_json(clock) for clock in stored)
    return Clocks.of_every(clocks) if clocks else None


async def _store_clocks(session: AsyncSession, step: TicketStep, before: Clocks | None, after: Clocks | None) -> None:
    known = set(before.every()) if before else set()
    changed = [clock for clock in after.every() if clock not in known] if after else []
    if changed:
        statement = insert(SlaClock)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["ticket_id", "kind", "run"],
                set_={"state": statement.excluded.state, "clock": statement.excluded.clock},
            ),
            [
                {
                    "tenant_id": step.tenant_id,
                    "ticket_id": step.case_id,
                    "kind": clock.kind,
                    "run": clock.run,
                    "state": clock.state,
                    "clock": clock.to_json(),
                }
                for clock in changed
            ],
        )
    if step.moment and step.moment.what is not MomentKind.ESCALATE:
        await session.execute(
            insert(SlaBreach).values(
                tenant_id=step.tenant_id,
                ticket_id=step.case_id,
                kind=step.moment.clock,
                run=step.moment.run,
                what=step.moment.what,
                due_at=step.moment.at,
                at=step.at,
            )
        )


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
