"""The service level clocks of a ticket in the database: reading them, moving them with a step, writing them back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from activities.cases.step import Step
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla import clocks as sla
from domain.tickets.sla.clocks import Clocks, Moment, MomentKind
from domain.tickets.state import ReplyBy, TicketMoment
from models.plain import Plain
from models.round_trips import send_with_next
from models.sla import SlaBreach, SlaClock
from stores.tickets.service_levels import Terms


@dataclass(frozen=True)
class Standing:
    """What the clocks depend on: a ticket's status and priority, and the terms in force."""

    status: TicketStatus
    priority: TicketPriority
    terms: Terms | None


_INSERT = insert(SlaClock.__table__)  # type: ignore[attr-defined]
_STORE = Plain(
    _INSERT.on_conflict_do_update(
        index_elements=["ticket_id", "kind", "run"],
        set_={"state": _INSERT.excluded.state, "clock": _INSERT.excluded.clock},
    ),
    ("id", "tenant_id", "ticket_id", "kind", "run", "state", "clock"),
)


def advance(
    clocks: Clocks | None,
    step: Step[Any],
    moment: Moment | None,
    reply: ReplyBy | None,
    was: Standing,
    now: Standing,
) -> Clocks | None:
    """The clocks after a step that took the ticket from `was` to `now`. A ticket that was opened without terms stays
    without."""
    if now.terms is None:
        return clocks
    policy, calendar = now.terms.policy, now.terms.calendar
    if step.version == 1:
        return sla.open_ticket(step.at, now.priority, policy, calendar)
    if clocks is None or was.terms is None:
        return None
    if moment:
        clocks = sla.fire(clocks, policy, moment)
    # First, so that time that has passed is counted by the calendar that was in force then.
    if was.terms.id != now.terms.id:
        why = "service level changed"
        clocks = sla.retarget(clocks, step.at, now.priority, policy, calendar, was.terms.calendar, why)
    elif was.priority is not now.priority:
        clocks = sla.retarget(clocks, step.at, now.priority, policy, calendar, calendar, "priority changed")
    if reply is ReplyBy.AGENT:
        clocks = sla.agent_replied(clocks, step.at, calendar)
    if reply is ReplyBy.CUSTOMER:
        clocks = sla.customer_replied(clocks, step.at, now.priority, policy, calendar)
    if was.status is not now.status:
        clocks = sla.status_changed(clocks, was.status, now.status, step.at, now.priority, policy, calendar)
    return clocks


def due_times(clocks: Clocks | None) -> dict[str, Any]:
    """The ticket's columns with its due times, in UTC, by name."""
    if clocks is None:
        return {}
    return {
        "first_response_due_at": clocks.first_response.due_at,
        "resolution_due_at": clocks.resolution.due_at,
        "first_response_breached_at": clocks.first_response.breached_at,
        "resolution_breached_at": clocks.resolution.breached_at,
    }


def ticket_moments(clocks: Clocks | None, terms: Terms | None) -> tuple[TicketMoment, ...]:
    """The warnings, breaches and escalations that are still to come, for the workflow to wait for."""
    if clocks is None or terms is None:
        return ()
    return tuple(_named(moment, terms) for moment in sla.moments(clocks, terms.policy, terms.calendar))


def _named(moment: Moment, terms: Terms) -> TicketMoment:
    clock = moment.clock.replace("_", " ")
    name = f"sla/{moment.clock}/{moment.run}/{moment.what}"
    if moment.escalation_index is None:
        happens = "is due" if moment.what is MomentKind.BREACH else "comes near"
        return TicketMoment(name, moment, f"{clock} {happens}")
    step = terms.policy.escalations[moment.escalation_index]
    why = f"{clock} escalates: {step.action.replace('_', ' ')}"
    return TicketMoment(f"{name}/{moment.escalation_index}", moment, why, step.action, step.target)


def store_clocks(session: AsyncSession, step: Step[Any], before: Clocks | None, after: Clocks | None) -> None:
    """Writes the clocks that the step has changed."""
    known = {(clock.kind, clock.run): clock for clock in before.every()} if before else {}
    for clock in after.every() if after else ():
        if clock != known.get((clock.kind, clock.run)):
            stored = _STORE(
                id=uuid7(),
                tenant_id=step.tenant_id,
                ticket_id=step.case_id,
                kind=clock.kind,
                run=clock.run,
                state=clock.state,
                clock=clock.to_json(),
            )
            send_with_next(session, stored)


async def record_moment(session: AsyncSession, step: Step[Any], moment: Moment) -> None:
    """Writes the row of a warning or a breach: once for each run of a clock."""
    if moment.what is not MomentKind.ESCALATE:
        await session.execute(
            insert(SlaBreach).values(
                tenant_id=step.tenant_id,
                ticket_id=step.case_id,
                kind=moment.clock,
                run=moment.run,
                what=moment.what,
                due_at=moment.at,
                at=step.at,
            )
        )
