"""Deadlines of SLA clocks that move, and the moments at which they warn, breach and escalate."""

import pytest

from domain.calendar import BusinessCalendar, Window
from domain.tickets.rules import TicketPriority as P
from domain.tickets.rules import TicketStatus as S
from domain.tickets.sla import clocks as sla
from domain.tickets.sla.clock import ClockState
from domain.tickets.sla.clocks import MomentKind
from domain.tickets.sla.policy import ClockKind as K
from domain.tickets.sla.policy import Escalation, EscalationAction, Policy, Targets
from tests.domain.tickets.sla_story import OFFICE, POLICY, Story, on


def test_a_change_of_priority_keeps_what_was_consumed_and_the_pauses() -> None:
    story = Story(19, "09:00", P.MEDIUM)
    story.becomes(S.ON_HOLD, 19, "10:00")
    story.becomes(S.IN_PROGRESS, 19, "12:00")
    story.retarget(19, "13:00", priority=P.HIGH)
    assert story.used(K.RESOLUTION) == 120
    assert story.clocks.resolution.due_at == on(19, "15:00")
    assert [(s.counted_seconds // 60, s.why) for s in story.clocks.resolution.segments] == [
        (60, "opened"),
        (60, "resumed: in_progress"),
    ]
    story.becomes(S.ON_HOLD, 19, "14:00")
    story.retarget(19, "15:00", priority=P.MEDIUM)
    story.becomes(S.OPEN, 19, "16:00")
    assert story.clocks.resolution.due_at == on(23, "13:00")  # 180 of 1200 used; 120 left on Thursday, 600 on Friday


def test_a_change_of_calendar_counts_the_past_by_the_old_one() -> None:
    night_and_day = BusinessCalendar("Europe/Paris", always_open=True)
    story = Story(19, "17:00", P.MEDIUM)
    story.retarget(20, "06:00", calendar=night_and_day)
    assert story.used(K.RESOLUTION) == 60
    assert story.clocks.resolution.due_at == on(21, "01:00")
    story.retarget(20, "20:00", calendar=OFFICE)
    assert story.used(K.RESOLUTION) == 60 + 14 * 60
    assert story.clocks.resolution.due_at == on(23, "13:00")


@pytest.mark.parametrize(("changed", "due"), [((19, "16:00"), (19, "16:00")), ((19, "20:00"), (20, "08:00"))])
def test_a_shorter_target_that_comes_too_late_is_due_at_once_or_at_the_next_opening(
    changed: tuple[int, str], due: tuple[int, str]
) -> None:
    story = Story(19, "10:00", P.MEDIUM)
    story.agent(19, "10:10")
    story.retarget(*changed, priority=P.HIGH)
    assert story.clocks.resolution.due_at == on(*due)
    story.until(on(*due))
    assert story.said == [f"{what} resolution {due[0]} {due[1]}" for what in ("warn", "breach")]


def test_a_shorter_target_that_comes_while_a_clock_rests_is_judged_when_it_goes_on() -> None:
    story = Story(19, "09:00", P.MEDIUM)
    story.agent(19, "09:10")
    story.becomes(S.RESOLVED, 19, "12:00")
    story.retarget(19, "13:00", priority=P.URGENT)
    resolved = story.clocks
    story.becomes(S.CLOSED, 20, "12:00")
    assert story.clocks.resolution.state is ClockState.MET  # it was resolved within what was promised then
    story.clocks, story.status = resolved, S.RESOLVED
    story.becomes(S.OPEN, 20, "19:00")
    assert story.clocks.resolution.due_at == on(23, "08:00")


def test_a_breached_run_is_judged_once_and_for_all() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:10")
    story.until(on(19, "13:00"))
    assert story.said == ["warn resolution 19 12:00", "breach resolution 19 13:00"]
    story.retarget(19, "14:00", priority=P.LOW)
    breached = story.clocks.resolution
    assert (breached.target_seconds, breached.due_at) == (240 * 60, on(19, "13:00"))
    story.becomes(S.RESOLVED, 19, "15:00")
    story.becomes(S.CLOSED, 20, "15:00")
    story.becomes(S.OPEN, 23, "08:00")
    story.until(on(30, "18:00"))
    assert len(story.said) == 2
    assert (story.clocks.resolution.state, story.clocks.resolution.met_at) == (ClockState.BREACHED, None)
    assert story.clocks.resolution.consumed(on(23, "09:00"), OFFICE) == (360 + 60) * 60


def test_a_deadline_at_closing_is_missed_at_closing() -> None:
    story = Story(19, "17:00")
    story.agent(19, "18:00")
    assert story.said == ["warn first_response 19 17:45", "breach first_response 19 18:00"]


def test_a_caller_who_forgets_the_breach_cannot_turn_it_into_a_clock_that_was_met() -> None:
    opened = sla.open_ticket(on(19, "09:00"), P.HIGH, POLICY, OFFICE)
    at = on(19, "11:00")
    late = sla.Moment(K.FIRST_RESPONSE, 1, MomentKind.WARN, on(19, "09:45"))
    missed = sla.Moment(K.FIRST_RESPONSE, 1, MomentKind.BREACH, on(19, "10:00"))
    for clocks in (
        sla.agent_replied(opened, at, OFFICE),
        sla.retarget(opened, at, P.LOW, POLICY, OFFICE, OFFICE, "priority changed"),
        sla.status_changed(opened, S.OPEN, S.CLOSED, at, P.HIGH, POLICY, OFFICE),
    ):
        assert (clocks.first_response.state, clocks.first_response.met_at) == (ClockState.BREACHED, None)
        assert sla.overdue(clocks, POLICY, OFFICE, at) == (late, missed)
        recorded = sla.fire(sla.fire(clocks, POLICY, late), POLICY, missed)
        assert (recorded.first_response.warned_at, recorded.first_response.breached_at) == (late.at, missed.at)
        assert sla.overdue(recorded, POLICY, OFFICE, at) == ()


def test_a_reply_at_the_very_instant_of_the_deadline_is_late() -> None:
    clocks = sla.open_ticket(on(19, "09:00"), P.HIGH, POLICY, OFFICE)
    assert sla.agent_replied(clocks, on(19, "10:00"), OFFICE).first_response.state is ClockState.BREACHED
    assert sla.agent_replied(clocks, on(19, "09:59:59"), OFFICE).first_response.state is ClockState.MET


def test_a_missed_next_response_is_still_recorded_after_the_next_run_has_begun() -> None:
    clocks = sla.open_ticket(on(19, "09:00"), P.HIGH, POLICY, OFFICE)
    clocks = sla.agent_replied(clocks, on(19, "09:10"), OFFICE)
    clocks = sla.customer_replied(clocks, on(19, "09:20"), P.HIGH, POLICY, OFFICE)
    clocks = sla.agent_replied(clocks, on(19, "11:00"), OFFICE)
    clocks = sla.customer_replied(clocks, on(19, "11:10"), P.HIGH, POLICY, OFFICE)
    _, missed = sla.overdue(clocks, POLICY, OFFICE, on(19, "11:10"))
    assert (missed.what, missed.run, missed.at) == (MomentKind.BREACH, 1, on(19, "10:20"))
    clocks = sla.fire(clocks, POLICY, missed)
    assert clocks.earlier[0].breached_at == on(19, "10:20")
    assert clocks.next_response is not None
    assert clocks.next_response.state is ClockState.RUNNING


def escalation(clock: K, **when: int) -> Escalation:
    return Escalation(clock, EscalationAction.NOTIFY_ROLE, "supervisor", **when)


LADDER = Policy(
    POLICY.targets,
    escalations=(
        escalation(K.RESOLUTION, minutes_after_breach=30),
        escalation(K.RESOLUTION, at_percent=50),
        escalation(K.RESOLUTION, at_percent=100),
        Escalation(K.FIRST_RESPONSE, EscalationAction.RAISE_PRIORITY, at_percent=90),
    ),
)


def test_moments_come_in_order_and_count_open_minutes_after_a_breach_too() -> None:
    story = Story(19, "15:00", policy=LADDER)
    found = [(m.what, m.clock, m.at, m.escalation_index) for m in sla.moments(story.clocks, LADDER, OFFICE)]
    assert found == [
        (MomentKind.WARN, K.FIRST_RESPONSE, on(19, "15:45"), None),
        (MomentKind.ESCALATE, K.FIRST_RESPONSE, on(19, "15:54"), 3),
        (MomentKind.BREACH, K.FIRST_RESPONSE, on(19, "16:00"), None),
        (MomentKind.ESCALATE, K.RESOLUTION, on(19, "17:00"), 1),
        (MomentKind.WARN, K.RESOLUTION, on(19, "18:00"), None),
        (MomentKind.BREACH, K.RESOLUTION, on(20, "09:00"), None),
        (MomentKind.ESCALATE, K.RESOLUTION, on(20, "09:00"), 2),
        (MomentKind.ESCALATE, K.RESOLUTION, on(20, "09:30"), 0),
    ]
    assert sla.overdue(story.clocks, LADDER, OFFICE, on(19, "15:50")) == sla.moments(story.clocks, LADDER, OFFICE)[:1]


def test_escalations_after_a_breach_wait_while_the_clock_rests() -> None:
    story = Story(19, "09:00", policy=LADDER)
    story.agent(19, "09:10")
    story.becomes(S.ON_HOLD, 19, "13:10")
    story.until(on(19, "17:00"))
    assert story.said[-2:] == ["breach resolution 19 13:00", "escalate resolution 19 13:00"]
    story.becomes(S.IN_PROGRESS, 20, "08:00")
    assert [(m.at, m.escalation_index) for m in sla.moments(story.clocks, LADDER, OFFICE)] == [(on(20, "08:20"), 0)]


def test_escalations_count_from_the_breach_that_a_shorter_target_brought() -> None:
    story = Story(19, "09:00", P.MEDIUM, policy=LADDER)
    story.agent(19, "09:10")
    story.becomes(S.IN_PROGRESS, 19, "09:10")
    story.retarget(19, "15:00", priority=P.HIGH)
    for recorded_first in (False, True):
        if recorded_first:
            story.until(on(19, "15:00"))
        assert (MomentKind.ESCALATE, on(19, "15:30")) in [
            (m.what, m.at) for m in sla.moments(story.clocks, LADDER, OFFICE) if m.escalation_index == 0
        ]


def test_a_warning_is_given_once_and_keeps_its_time_when_the_target_moves() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:10")
    story.until(on(19, "12:00"))
    story.retarget(19, "12:30", priority=P.LOW)
    moved = story.clocks.resolution
    assert (moved.state, moved.warn_at, moved.warned_at) == (ClockState.RUNNING, on(19, "12:00"), on(19, "12:00"))
    story.until(on(27, "18:00"))
    assert story.said == ["warn resolution 19 12:00", "breach resolution 25 09:00"]


def test_a_warning_never_comes_early_however_short_the_target() -> None:
    policy = Policy(dict.fromkeys(P, Targets(1, 1)), warn_percent=1)
    clocks = sla.open_ticket(on(19, "09:00"), P.LOW, policy, OFFICE)
    assert clocks.resolution.warn_at == on(19, "09:00:01")


def test_a_step_that_fired_does_not_fire_again_when_the_policy_lists_it_elsewhere() -> None:
    story = Story(19, "09:00", policy=LADDER)
    story.agent(19, "09:10")
    story.until(on(19, "11:00"))
    assert story.said == ["escalate resolution 19 11:00"]
    reordered = Policy(POLICY.targets, escalations=(escalation(K.RESOLUTION, at_percent=25), *LADDER.escalations[::-1]))
    story.retarget(19, "11:30", policy=reordered)
    story.until(on(19, "11:30"))
    assert story.said[1:] == ["escalate resolution 19 11:30"]  # the new step, whose quarter is long past


def test_an_escalation_out_of_reach_is_left_out() -> None:
    rare = BusinessCalendar("Europe/Paris", (Window(0, 480, 540),))
    policy = Policy(POLICY.targets, escalations=(escalation(K.RESOLUTION, minutes_after_breach=500_000),))
    clocks = sla.open_ticket(on(19, "09:00"), P.HIGH, policy, rare)
    assert all(moment.what is not MomentKind.ESCALATE for moment in sla.moments(clocks, policy, rare))


def test_a_moment_of_a_run_that_is_over_or_has_moved_is_ignored() -> None:
    story = Story(19, "09:00")
    moments = sla.moments(story.clocks, POLICY, OFFICE)
    story.retarget(19, "09:10", priority=P.LOW)
    assert all(sla.fire(story.clocks, POLICY, moment) == story.clocks for moment in moments)
    story.agent(19, "09:20")
    story.becomes(S.ON_HOLD, 19, "09:30")
    assert sla.moments(story.clocks, POLICY, OFFICE) == ()
    assert all(sla.fire(story.clocks, POLICY, moment) == story.clocks for moment in moments)
