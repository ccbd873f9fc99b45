"""Properties of SLA clocks that hold whatever happens to a ticket, in whatever order."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import BusinessCalendar, Window
from domain.tickets.rules import TRANSITIONS, TicketStatus
from domain.tickets.rules import TicketPriority as P
from domain.tickets.sla import clocks as sla
from domain.tickets.sla.clock import Clock, ClockState
from domain.tickets.sla.clocks import MomentKind
from domain.tickets.sla.policy import ClockKind as K
from domain.tickets.sla.policy import Escalation, EscalationAction, Policy, Targets
from domain.tickets.sla.report import report

OFFICE = BusinessCalendar("Europe/Paris", tuple(Window(day, 480, 1080) for day in range(5)))
CALENDARS = (
    OFFICE.observing({date(2026, 10, 23): "Founders' Day"}),
    BusinessCalendar(
        "Africa/Algiers", tuple(Window(day, *hours) for day in (6, 0, 1) for hours in ((480, 720), (780, 1020)))
    ),
    BusinessCalendar("Europe/Paris", tuple(Window(day, 1320, 360) for day in range(7))),
    BusinessCalendar("UTC", always_open=True),
)
STEPS = (
    Escalation(K.RESOLUTION, EscalationAction.RAISE_PRIORITY, at_percent=80),
    Escalation(K.RESOLUTION, EscalationAction.NOTIFY_ROLE, "supervisor", minutes_after_breach=30),
    Escalation(K.FIRST_RESPONSE, EscalationAction.NOTIFY_ROLE, "supervisor", at_percent=150),
    Escalation(K.NEXT_RESPONSE, EscalationAction.REASSIGN_GROUP, "second-line", at_percent=100),
)
POLICIES = (
    Policy(
        {
            P.LOW: Targets(480, 2400),
            P.MEDIUM: Targets(240, 960, 240),
            P.HIGH: Targets(60, 240, 60),
            P.URGENT: Targets(1, 7, 3),
        }
    ),
    Policy(dict.fromkeys(P, Targets(90, 300, 45)), warn_percent=33, escalations=STEPS),
    Policy(dict.fromkeys(P, Targets(30, 1000)), warn_percent=99, escalations=STEPS[::-1]),
)
RESTING = {TicketStatus.WAITING_FOR_RESPONSE, TicketStatus.ON_HOLD, TicketStatus.RESOLVED}
# Around the end of summer time, and across a weekend: a repeated hour lies within.
START = st.integers(0, 5 * 86_400).map(lambda s: datetime(2026, 10, 21, tzinfo=UTC) + timedelta(seconds=s))
COMMANDS = st.one_of(
    st.sampled_from(TicketStatus),
    st.sampled_from(["agent", "customer"]),
    st.sampled_from(["agent", "customer", "nothing"]),
    st.sampled_from(P),
    st.sampled_from(CALENDARS),
    st.sampled_from(POLICIES),
)
GAPS = st.one_of(st.just(0), st.integers(0, 600_000).map(lambda tenths: tenths * 300), st.integers(0, 2 * 86_400_000))
LIVES = st.lists(st.tuples(GAPS.map(lambda ms: timedelta(milliseconds=ms)), COMMANDS), max_size=14)


class Life:
    """Applies commands to clocks, and keeps its own books of what they should have counted."""

    def __init__(self, at: datetime, check: Callable[["Life"], None], careful: bool = True) -> None:
        self.at, self.priority, self.calendar, self.policy = at, P.MEDIUM, CALENDARS[0], POLICIES[0]
        self.status, self.check, self.careful = TicketStatus.OPEN, check, careful
        self.clocks = sla.open_ticket(at, self.priority, self.policy, self.calendar)
        self.said: Counter[tuple[object, ...]] = Counter()
        self.passed: Counter[K] = Counter()
        self.replied = False

    def live(self, gap: timedelta, command: object) -> None:
        before, self.at = self.at, self.at + gap
        counted = self.calendar.open_seconds(before, self.at)
        if self.status is not TicketStatus.CLOSED:
            self.passed[K.RESOLUTION] += 0 if self.status in RESTING else counted
            self.passed[K.FIRST_RESPONSE] += 0 if self.replied else counted
        if self.careful:
            self.record()
        self.apply(command)
        self.record()
        self.check(self)

    def record(self) -> None:
        """As the workflow does: one moment at a time, since each may change what comes next."""
        while due := sla.overdue(self.clocks, self.policy, self.calendar, self.at):
            moment = due[0]
            step = None if moment.escalation_index is None else self.policy.escalations[moment.escalation_index]
            self.said[(moment.clock, moment.run, moment.what, step and step.key)] += 1
            self.clocks = sla.fire(self.clocks, self.policy, moment)
            if step and step.action is EscalationAction.RAISE_PRIORITY:
                self.apply(self.priority.raised())

    def apply(self, command: object) -> None:
        terms = (self.priority, self.policy, self.calendar)
        if isinstance(command, TicketStatus):
            if command in TRANSITIONS[self.status]:
                self.clocks = sla.status_changed(self.clocks, self.status, command, self.at, *terms)
                self.status = command
        elif command == "agent" and self.status is not TicketStatus.CLOSED:
            self.clocks, self.replied = sla.agent_replied(self.clocks, self.at, self.calendar), True
        elif command == "customer" and self.status is not TicketStatus.CLOSED:
            self.clocks = sla.customer_replied(self.clocks, self.at, *terms)
            self.apply(TicketStatus.OPEN)
        elif isinstance(command, P | BusinessCalendar | Policy):
            was = self.calendar
            self.priority = command if isinstance(command, P) else self.priority
            self.calendar = command if isinstance(command, BusinessCalendar) else was
            self.policy = command if isinstance(command, Policy) else self.policy
            terms = (self.priority, self.policy, self.calendar)
            self.clocks = sla.retarget(self.clocks, self.at, *terms, was, "terms changed")


def whatever_happens(check: Callable[[Life], None]) -> Callable[[], None]:
    @settings(max_examples=150)
    @given(START, LIVES)
    def lived(at: datetime, commands: list[tuple[timedelta, object]]) -> None:
        life = Life(at, check)
        for gap, command in commands:
            life.live(gap, command)
        life.live(timedelta(days=40), "nothing")

    return lived


def check_consumption(life: Life) -> None:
    for kind, seconds in life.passed.items():
        clock = life.clocks.of(kind)
        assert clock is not None
        assert clock.consumed(life.at, life.calendar) == seconds
    for clock in life.clocks.every():
        assert clock.consumed_seconds == sum(segment.counted_seconds for segment in clock.segments)
        assert all(one.to_at <= two.from_at for one, two in pairwise(clock.segments))


def check_said(life: Life) -> None:
    assert not life.said or max(life.said.values()) == 1
    for clock in life.clocks.every():
        for what, at in ((MomentKind.WARN, clock.warned_at), (MomentKind.BREACH, clock.breached_at)):
            assert ((clock.kind, clock.run, what, None) in life.said) == (at is not None)
        assert (clock.state is ClockState.BREACHED) == (clock.breached_at is not None)
        assert clock.breached_at is None or (clock.warned_at is not None and clock.warned_at <= clock.breached_at)


def check_moments(life: Life) -> None:
    moments = sla.moments(life.clocks, life.policy, life.calendar)
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    for moment in moments:
        assert moment.at > life.at
        assert life.calendar.is_open(moment.at) or life.calendar.is_open(moment.at - timedelta(seconds=1))
        clock = life.clocks.of(moment.clock)
        assert clock is not None
        if moment.what is MomentKind.BREACH:
            assert clock.consumed(moment.at, life.calendar) == max(clock.target_seconds, clock.consumed_seconds)
            assert moment.at == clock.due_at
    running = {clock.kind for clock in life.clocks.every() if clock.state is ClockState.RUNNING}
    assert running == {moment.clock for moment in moments if moment.what is MomentKind.BREACH}


def check_shape(life: Life) -> None:
    for clock in life.clocks.every():
        assert sum(at is not None for at in (clock.running_since, clock.paused_at, clock.stopped_at)) == 1
        assert Clock.from_json(clock.to_json()) == clock
        if clock.kind is not K.FIRST_RESPONSE:
            assert (clock.running_since is None) or life.status not in RESTING
    assert sla.Clocks.of_every(life.clocks.every()) == life.clocks
    assert [clock.run for clock in life.clocks.earlier] == list(range(1, len(life.clocks.earlier) + 1))
    for line in report(life.clocks, life.policy, life.calendar, life.at):
        assert sum(segment["counted_minutes"] for segment in line.segments) == line.consumed_minutes
        assert line.sentence.endswith(".")
        assert line.sentence.count("\n") == 0


test_what_passed_in_opening_hours_is_what_was_counted = whatever_happens(check_consumption)
test_every_run_warns_and_breaches_once_and_each_step_fires_once = whatever_happens(check_said)
test_moments_lie_ahead_in_opening_hours_or_at_closing = whatever_happens(check_moments)
test_clocks_keep_their_shape_and_can_always_be_reported = whatever_happens(check_shape)


@settings(max_examples=150)
@given(START, LIVES)
def test_recording_late_never_changes_which_runs_breach_or_when(
    at: datetime, commands: list[tuple[timedelta, object]]
) -> None:
    # Without escalations: raising a priority late is a different story, not a different record of the same one.
    plain = [(gap, POLICIES[0] if isinstance(command, Policy) else command) for gap, command in commands]
    lives = [Life(at, lambda life: None, careful) for careful in (True, False)]
    for life in lives:
        for gap, command in (*plain, (timedelta(days=40), "nothing")):
            life.live(gap, command)
    told = [
        [(c.kind, c.run, c.state, c.breached_at, c.consumed_seconds, c.due_at) for c in life.clocks.every()]
        for life in lives
    ]
    assert told[0] == told[1]
