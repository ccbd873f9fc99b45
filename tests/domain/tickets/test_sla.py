"""What starts, rests and meets the SLA clocks of a ticket, and what no policy may promise."""

import json
from datetime import date

import pytest

from domain.refusal import Refusal
from domain.tickets.rules import TicketPriority as P
from domain.tickets.rules import TicketStatus as S
from domain.tickets.sla.clock import Clock, ClockState
from domain.tickets.sla.clocks import Clocks
from domain.tickets.sla.policy import ClockKind as K
from domain.tickets.sla.policy import Escalation, EscalationAction, Policy, Targets
from tests.domain.tickets.sla_story import OFFICE, POLICY, Story, on


def test_a_ticket_opens_with_two_clocks_running_and_deadlines_in_opening_hours() -> None:
    story = Story(19, "17:30")
    assert story.clocks.first_response.due_at == on(20, "08:30")
    assert story.clocks.first_response.warn_at == on(20, "08:15")
    assert story.clocks.resolution.due_at == on(20, "11:30")
    assert story.clocks.next_response is None
    assert {clock.state for clock in story.clocks.every()} == {ClockState.RUNNING}


def test_the_first_public_reply_meets_first_response_and_later_ones_change_nothing() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:30")
    met = story.clocks.first_response
    assert (met.state, met.met_at, met.consumed_seconds, met.why) == (ClockState.MET, on(19, "09:30"), 1800, "replied")
    story.agent(19, "09:50")
    assert story.clocks.first_response == met


def test_resolution_rests_while_the_ticket_waits_and_goes_on_afterwards() -> None:
    story = Story(19, "09:00")
    story.becomes(S.WAITING_FOR_RESPONSE, 19, "10:00")
    resting = story.clocks.resolution
    assert (resting.state, resting.due_at, resting.warn_at, resting.why) == (
        ClockState.PAUSED,
        None,
        None,
        "waiting_for_response",
    )
    story.becomes(S.ON_HOLD, 19, "11:00")
    assert (story.clocks.resolution.why, story.clocks.resolution.paused_at) == ("on_hold", on(19, "10:00"))
    story.becomes(S.IN_PROGRESS, 20, "08:00")
    assert story.clocks.resolution.due_at == on(20, "11:00")
    assert [segment.why for segment in story.clocks.resolution.segments] == ["opened"]
    assert story.clocks.resolution.why == "resumed: in_progress"


@pytest.mark.parametrize("status", [S.WAITING_FOR_RESPONSE, S.ON_HOLD, S.RESOLVED])
def test_first_response_runs_whatever_the_status_until_someone_replies(status: S) -> None:
    story = Story(19, "09:00")
    story.becomes(status, 19, "09:10")
    story.agent(19, "10:30")
    assert story.said == ["warn first_response 19 09:45", "breach first_response 19 10:00"]
    late = story.clocks.first_response
    assert (late.state, late.met_at, late.stopped_at) == (ClockState.BREACHED, None, on(19, "10:30"))


def test_closing_meets_resolution_and_ends_a_first_response_that_nobody_gave() -> None:
    story = Story(19, "09:00")
    story.becomes(S.CLOSED, 19, "09:30")
    assert [(c.state, c.why) for c in story.clocks.every()] == [(ClockState.MET, "closed"), (ClockState.MET, "closed")]
    story.until(on(27, "12:00"))
    assert story.said == []


def test_reopening_goes_on_with_what_was_consumed() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:30")
    story.becomes(S.RESOLVED, 19, "10:00")
    story.becomes(S.CLOSED, 23, "10:00")
    assert (story.clocks.resolution.state, story.used(K.RESOLUTION)) == (ClockState.MET, 60)
    story.becomes(S.OPEN, 24, "08:00")
    assert story.clocks.resolution.due_at == on(24, "11:00")
    assert (story.clocks.resolution.run, story.clocks.resolution.why) == (1, "reopened")
    assert story.clocks.first_response.state is ClockState.MET


def test_reopening_a_ticket_that_nobody_answered_owes_the_first_response_again() -> None:
    story = Story(19, "09:00")
    story.becomes(S.CLOSED, 19, "09:30")
    story.becomes(S.OPEN, 20, "09:00")
    assert story.clocks.first_response.due_at == on(20, "09:30")
    story.agent(20, "09:10")
    assert (story.clocks.first_response.state, story.used(K.FIRST_RESPONSE)) == (ClockState.MET, 40)


def test_reopening_takes_the_targets_that_hold_then() -> None:
    story = Story(19, "09:00")
    story.becomes(S.CLOSED, 19, "10:00")
    story.retarget(19, "11:00", priority=P.URGENT)
    assert story.clocks.resolution.target_seconds == 240 * 60
    story.becomes(S.OPEN, 20, "08:00")
    assert story.clocks.resolution.due_at == on(20, "09:00")


def test_a_customer_reply_to_an_answer_starts_a_run_of_next_response_each_time() -> None:
    story = Story(19, "09:00")
    story.customer(19, "09:05")
    assert story.clocks.next_response is None  # nobody has answered yet
    story.agent(19, "09:10")
    story.customer(19, "10:00")
    story.customer(19, "10:20")
    assert story.clock(K.NEXT_RESPONSE).running_since == on(19, "10:00")
    story.agent(19, "10:30")
    story.customer(19, "17:30")
    second = story.clock(K.NEXT_RESPONSE)
    assert (second.run, second.due_at, second.consumed_seconds) == (2, on(20, "08:30"), 0)
    assert [(c.run, c.state, c.consumed_seconds) for c in story.clocks.earlier] == [(1, ClockState.MET, 1800)]
    assert Clocks.of_every(story.clocks.every()[::-1]) == story.clocks


@pytest.mark.parametrize("status_first", [True, False])
def test_a_reply_while_waiting_starts_the_run_whichever_is_applied_first(status_first: bool) -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:10")
    story.becomes(S.WAITING_FOR_RESPONSE, 19, "09:10")
    if status_first:
        story.becomes(S.OPEN, 19, "10:00")
    story.customer(19, "10:00")
    if not status_first:
        story.becomes(S.OPEN, 19, "10:00")
    assert story.clock(K.NEXT_RESPONSE).due_at == on(19, "11:00")
    story.becomes(S.ON_HOLD, 19, "10:30")
    assert story.clock(K.NEXT_RESPONSE).state is ClockState.PAUSED
    story.agent(19, "15:00")
    assert (story.clock(K.NEXT_RESPONSE).state, story.used(K.NEXT_RESPONSE)) == (ClockState.MET, 30)
    story.becomes(S.IN_PROGRESS, 19, "16:00")
    assert story.clock(K.NEXT_RESPONSE).state is ClockState.MET


def test_a_priority_without_a_next_response_starts_none_and_breaks_no_promise_under_way() -> None:
    quiet = Story(19, "09:00", P.LOW)
    quiet.agent(19, "09:10")
    quiet.customer(19, "10:00")
    assert quiet.clocks.next_response is None
    lowered = Story(19, "09:00")
    lowered.agent(19, "09:10")
    lowered.customer(19, "10:00")
    lowered.retarget(19, "10:30", priority=P.LOW)
    assert lowered.clock(K.NEXT_RESPONSE).due_at == on(19, "11:00")


def test_closing_ends_a_next_response_and_reopening_does_not_start_it() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:10")
    story.customer(19, "10:00")
    story.becomes(S.CLOSED, 19, "10:10")
    story.becomes(S.OPEN, 19, "10:20")
    assert story.clock(K.NEXT_RESPONSE).state is ClockState.MET
    story.customer(19, "10:30")
    assert story.clock(K.NEXT_RESPONSE).run == 2


def test_clocks_survive_being_stored_as_json() -> None:
    story = Story(19, "09:00", policy=Policy(POLICY.targets, escalations=(notify(K.RESOLUTION, at_percent=50),)))
    story.agent(19, "09:10")
    story.becomes(S.ON_HOLD, 19, "13:10")
    story.customer(19, "14:00")
    assert story.clocks.resolution.fired
    for clock in story.clocks.every():
        assert Clock.from_json(json.loads(json.dumps(clock.to_json()))) == clock
    with pytest.raises(ValueError, match="first response"):
        Clocks.of_every((story.clocks.resolution,))


def test_a_holiday_of_the_calendar_moves_the_deadline() -> None:
    story = Story(19, "15:30", calendar=OFFICE.observing({date(2026, 11, 20): "Founders' Day"}))
    assert story.clocks.resolution.due_at == on(23, "09:30")


TARGETS = {priority: Targets(10, 20) for priority in P}


def notify(clock: K, **when: int) -> Escalation:
    return Escalation(clock, EscalationAction.NOTIFY_ROLE, "supervisor", **when)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Targets(0, 10),
        lambda: Targets(10, -1),
        lambda: Targets(10, 10, 0),
        lambda: Targets(10, 525_601),
        lambda: Policy({P.LOW: Targets(10, 20)}),
        lambda: Policy(TARGETS, warn_percent=0),
        lambda: Policy(TARGETS, warn_percent=100),
        lambda: notify(K.RESOLUTION),
        lambda: notify(K.RESOLUTION, at_percent=50, minutes_after_breach=5),
        lambda: notify(K.RESOLUTION, at_percent=0),
        lambda: notify(K.RESOLUTION, at_percent=1001),
        lambda: notify(K.RESOLUTION, minutes_after_breach=-1),
        lambda: Escalation(K.RESOLUTION, EscalationAction.REASSIGN_GROUP, at_percent=50),
        lambda: Escalation(K.RESOLUTION, EscalationAction.RAISE_PRIORITY, "supervisor", at_percent=50),
        lambda: Policy(TARGETS, escalations=(notify(K.RESOLUTION, at_percent=50),) * 2),
    ],
)
def test_what_no_policy_may_be(build: object) -> None:
    assert callable(build)
    with pytest.raises(Refusal) as refusal:
        build()
    assert refusal.value.code == "sla_policy_invalid"


def test_an_answer_is_owed_from_its_due_time_on_until_its_clock_rests_or_ends() -> None:
    story = Story(19, "09:00")
    assert story.clocks.owed_by == on(19, "10:00")
    story.becomes(S.IN_PROGRESS, 19, "11:00")
    assert story.clocks.owed_by == on(19, "10:00"), "it is late, and still owed"
    story.agent(19, "11:30")
    assert story.clocks.owed_by == on(19, "13:00")
    story.becomes(S.WAITING_FOR_RESPONSE, 19, "12:00")
    assert story.clocks.owed_by is None
    story.customer(20, "09:00")
    assert story.clocks.owed_by == on(20, "10:00")
    story.becomes(S.CLOSED, 20, "09:30")
    assert story.clocks.owed_by is None
