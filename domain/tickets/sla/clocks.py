"""The SLA clocks of a ticket: what starts, pauses, meets and moves them, and when they warn, breach and escalate.

The rules are those of the product's specification, section SLA of tickets, and where it is silent those of the
established help desks:

- First response runs from the opening to the first public reply of an agent, whatever the status. Closing stops it.
- Resolution runs from the opening, rests while the ticket waits for the customer, is on hold or resolved, and ends when
  it is closed. Reopening lets both go on with what they had consumed; a first response only if nobody ever replied.
- Next response runs from a customer's reply to a ticket that an agent has answered before, rests like resolution, and
  ends at the next public reply, or when the ticket is closed. Each time it starts is a new run.

A caller records what is `overdue` at an instant before it applies what happens at that instant. If it could not, no
breach is lost: a deadline that has passed stays, and its moment stays among the `moments`, until it is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.calendar import BusinessCalendar
from domain.refusal import Refusal
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.clock import Clock
from domain.tickets.sla.policy import ClockKind, Escalation, Policy, share

PAUSING = frozenset({TicketStatus.WAITING_FOR_RESPONSE, TicketStatus.ON_HOLD, TicketStatus.RESOLVED})
"""The statuses in which resolution and next response rest."""

REPLIED = "replied"
CLOSED = "closed"


@dataclass(frozen=True)
class Clocks:
    """The clocks of one ticket: the current one of each kind, and the earlier runs of next response, oldest first."""

    first_response: Clock
    resolution: Clock
    next_response: Clock | None = None
    earlier: tuple[Clock, ...] = ()

    def of(self, kind: ClockKind) -> Clock | None:
        """The current clock of a kind; None for a next response that has never started."""
        return {
            ClockKind.FIRST_RESPONSE: self.first_response,
            ClockKind.RESOLUTION: self.resolution,
            ClockKind.NEXT_RESPONSE: self.next_response,
        }[kind]

    def every(self) -> tuple[Clock, ...]:
        """Every run there has been, current ones last: what is stored of a ticket's clocks."""
        current = (self.of(kind) for kind in ClockKind)
        return (*self.earlier, *(clock for clock in current if clock is not None))

    @classmethod
    def of_every(cls, clocks: tuple[Clock, ...]) -> "Clocks":
        """The inverse of `every`, from clocks in any order. Raises ValueError when a first kind is missing."""
        runs = {kind: sorted((c for c in clocks if c.kind is kind), key=lambda c: c.run) for kind in ClockKind}
        if not runs[ClockKind.FIRST_RESPONSE] or not runs[ClockKind.RESOLUTION]:
            raise ValueError("a ticket's clocks include a first response and a resolution")
        replies = runs[ClockKind.NEXT_RESPONSE]
        return cls(
            first_response=runs[ClockKind.FIRST_RESPONSE][-1],
            resolution=runs[ClockKind.RESOLUTION][-1],
            next_response=replies[-1] if replies else None,
            earlier=tuple(replies[:-1]),
        )

    @property
    def owed_by(self) -> datetime | None:
        """The earliest due time (UTC) of those that run, missed or not; None when all rest or have ended."""
        running = (clock for kind in ClockKind if (clock := self.of(kind)) and clock.running_since)
        return min((clock.due_at for clock in running if clock.due_at), default=None)

    def replaced(self, clock: Clock) -> "Clocks":
        """The same clocks with this one instead of the one of its kind and run."""
        if clock.kind is ClockKind.FIRST_RESPONSE:
            return replace(self, first_response=clock)
        if clock.kind is ClockKind.RESOLUTION:
            return replace(self, resolution=clock)
        if self.next_response is not None and self.next_response.run == clock.run:
            return replace(self, next_response=clock)
        return replace(self, earlier=tuple(clock if known.run == clock.run else known for known in self.earlier))

    def changed(self, kind: ClockKind, step: Callable[[Clock], Clock]) -> "Clocks":
        """The same clocks after a step of the current one of a kind, if there is one."""
        clock = self.of(kind)
        return self if clock is None else self.replaced(step(clock))


class MomentKind(StrEnum):
    WARN = "warn"
    BREACH = "breach"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (UTC) at which a clock warns, breaches or escalates, and has not yet."""

    clock: ClockKind
    run: int
    what: MomentKind
    at: datetime
    escalation_index: int | None = None


def open_ticket(at: datetime, priority: TicketPriority, policy: Policy, calendar: BusinessCalendar) -> Clocks:
    """A ticket opens: first response and resolution run.

    Raises Refusal `calendar_never_open`, as does everything below that computes a deadline.
    """
    return Clocks(
        first_response=_new(ClockKind.FIRST_RESPONSE, 1, at, priority, policy, calendar, "opened"),
        resolution=_new(ClockKind.RESOLUTION, 1, at, priority, policy, calendar, "opened"),
    )


def status_changed(
    clocks: Clocks,
    was: TicketStatus,
    to: TicketStatus,
    at: datetime,
    priority: TicketPriority,
    policy: Policy,
    calendar: BusinessCalendar,
) -> Clocks:
    """The ticket went from one status to another, by a transition that was allowed."""
    rests = (ClockKind.RESOLUTION, ClockKind.NEXT_RESPONSE)

    def goes_on(why: str) -> Callable[[Clock], Clock]:
        return lambda clock: clock.started(
            at, _target(clock.kind, priority, policy) or clock.target_seconds, policy.warn_percent, calendar, why
        )

    if to is TicketStatus.CLOSED:
        for kind in ClockKind:
            clocks = clocks.changed(kind, lambda clock: clock.stopped(at, calendar, CLOSED))
    elif was is TicketStatus.CLOSED:
        # A next response that closing ended stays ended: the customer's next reply starts another run.
        clocks = clocks.changed(ClockKind.RESOLUTION, goes_on("reopened"))
        if clocks.first_response.why == CLOSED:
            clocks = clocks.changed(ClockKind.FIRST_RESPONSE, goes_on("reopened"))
    elif to in PAUSING:
        for kind in rests:
            clocks = clocks.changed(kind, lambda clock: clock.paused(at, calendar, to.value))
    elif was in PAUSING:
        resumed = goes_on(f"resumed: {to.value}")
        for kind in rests:
            clocks = clocks.changed(kind, lambda clock: resumed(clock) if clock.paused_at else clock)
    return clocks


def agent_replied(clocks: Clocks, at: datetime, calendar: BusinessCalendar) -> Clocks:
    """A public reply of an agent: it meets first response and any next response, unless they have breached."""
    for kind in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE):
        clocks = clocks.changed(kind, lambda clock: clock.stopped(at, calendar, REPLIED))
    return clocks


def customer_replied(
    clocks: Clocks, at: datetime, priority: TicketPriority, policy: Policy, calendar: BusinessCalendar
) -> Clocks:
    """A reply of the customer: starts a run of next response if an agent has answered before and none is under way.

    It may be applied before or after the change of status that the reply brings.
    """
    answered = clocks.first_response.stopped_at is not None and clocks.first_response.why == REPLIED
    last = clocks.next_response
    if not answered or (last and last.stopped_at is None) or not _target(ClockKind.NEXT_RESPONSE, priority, policy):
        return clocks
    run = 1 if last is None else last.run + 1
    started = _new(ClockKind.NEXT_RESPONSE, run, at, priority, policy, calendar, "customer replied")
    return replace(clocks, next_response=started, earlier=clocks.earlier if last is None else (*clocks.earlier, last))


def retarget(
    clocks: Clocks,
    at: datetime,
    priority: TicketPriority,
    policy: Policy,
    calendar: BusinessCalendar,
    was: BusinessCalendar,
    why: str,
) -> Clocks:
    """The priority, anything in the policy, or the calendar changed: what is left is recomputed, what was used stays.

    `was` is the calendar in force up to `at`, `why` a phrase for the segments, as "priority changed". A next response
    under way keeps the target it was promised when the new priority promises none.
    """

    def moved(clock: Clock) -> Clock:
        target = _target(clock.kind, priority, policy) or clock.target_seconds
        return clock.retargeted(at, target, policy.warn_percent, was, calendar, why)

    for kind in ClockKind:
        clocks = clocks.changed(kind, moved)
    return clocks


def warn(clocks: Clocks, kind: ClockKind, at: datetime) -> Clocks:
    """Records the warning of a run, once. `at` is the moment's own instant, at which the calendar was open."""
    return clocks.changed(kind, lambda clock: clock.warned(at))


def breach(clocks: Clocks, kind: ClockKind, at: datetime) -> Clocks:
    """Records the breach of a run, once. `at` is the moment's own instant, not the one at which it was noticed."""
    return clocks.changed(kind, lambda clock: clock.breached(at))


def escalated(clocks: Clocks, policy: Policy, index: int) -> Clocks:
    """Records that a step of the policy has fired for the current run of its clock."""
    step = policy.escalations[index]
    return clocks.changed(step.clock, lambda clock: clock.escalated(step.key))


def fire(clocks: Clocks, policy: Policy, moment: Moment) -> Clocks:
    """Records a moment; nothing happens when it has been recorded, has moved, or its clock does not run any more."""
    clock = next((c for c in clocks.every() if c.kind is moment.clock and c.run == moment.run), None)
    if clock is None:
        return clocks
    if moment.what is MomentKind.WARN:
        return clocks.replaced(clock.warned(moment.at))
    if moment.what is MomentKind.BREACH:
        return clocks.replaced(clock.breached(moment.at))
    if moment.escalation_index is None or clock.running_since is None:
        return clocks
    return clocks.replaced(clock.escalated(policy.escalations[moment.escalation_index].key))


def moments(clocks: Clocks, policy: Policy, calendar: BusinessCalendar) -> tuple[Moment, ...]:
    """The warnings, breaches and escalations that are still to be recorded, in order of time, then warn, breach,
    escalate. Those in the past are due now.

    Only running clocks have any, except for a deadline that was missed and not recorded before its clock paused or
    stopped. Escalations that come after a breach are included before it, on the assumption that the clock runs on; a
    step that lies more than ten years ahead is left out. Each lies in opening hours or exactly at a closing time.
    """
    found: list[Moment] = []
    for clock in clocks.every():
        running = clock.running_since is not None
        if clock.may_speak and clock.warn_at and clock.warned_at is None and clock.breached_at is None:
            found.append(Moment(clock.kind, clock.run, MomentKind.WARN, clock.warn_at))
        if clock.may_speak and clock.due_at and clock.breached_at is None:
            found.append(Moment(clock.kind, clock.run, MomentKind.BREACH, clock.due_at))
        for index, step in enumerate(policy.escalations if running else ()):
            if step.clock is clock.kind and step.key not in clock.fired:
                at = _escalates(clock, step, calendar)
                found.extend([Moment(clock.kind, clock.run, MomentKind.ESCALATE, at, index)] if at else [])
    order = list(MomentKind)
    return tuple(sorted(found, key=lambda m: (m.at, order.index(m.what), m.clock, m.run, m.escalation_index or 0)))


def overdue(clocks: Clocks, policy: Policy, calendar: BusinessCalendar, at: datetime) -> tuple[Moment, ...]:
    """The moments that have come by `at` and are not recorded; a deadline is missed at its very instant."""
    return tuple(moment for moment in moments(clocks, policy, calendar) if moment.at <= at)


def _escalates(clock: Clock, step: Escalation, calendar: BusinessCalendar) -> datetime | None:
    if step.at_percent is not None:
        consumed = share(clock.target_seconds, step.at_percent)
    else:
        breached_after = clock.breached_after_seconds or max(clock.target_seconds, clock.consumed_seconds)
        consumed = breached_after + (step.minutes_after_breach or 0) * 60
    try:
        return clock.reaches(consumed, calendar)
    except Refusal:
        return None


def _target(kind: ClockKind, priority: TicketPriority, policy: Policy) -> int | None:
    return policy.targets[priority].seconds(kind)


def _new(
    kind: ClockKind,
    run: int,
    at: datetime,
    priority: TicketPriority,
    policy: Policy,
    calendar: BusinessCalendar,
    why: str,
) -> Clock:
    target = _target(kind, priority, policy) or 0
    return Clock(kind, target, why, run).started(at, target, policy.warn_percent, calendar, why)
