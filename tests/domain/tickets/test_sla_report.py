"""What people read about SLA clocks: the sentences word by word, the minutes and the segments."""

from datetime import date, datetime

import pytest

from domain.calendar import BusinessCalendar
from domain.tickets.rules import TicketPriority as P
from domain.tickets.rules import TicketStatus as S
from domain.tickets.sla.clock import ClockState
from domain.tickets.sla.policy import ClockKind as K
from domain.tickets.sla.policy import Policy, Targets
from domain.tickets.sla.report import ClockReport, report
from tests.domain.tickets.sla_story import OFFICE, POLICY, Story, on

FOUNDERS = OFFICE.observing({date(2026, 11, 20): "Founders' Day (estimated)"})


def told(story: Story, now: datetime, kind: K = K.RESOLUTION) -> ClockReport:
    story.until(now)
    return next(line for line in report(story.clocks, story.policy, story.calendar, now) if line.clock is kind)


def test_a_deadline_beyond_a_holiday_and_a_weekend() -> None:
    story = Story(19, "15:30", calendar=FOUNDERS)
    line = told(story, on(21, "12:00"))
    assert line.sentence == (
        "Due Mon 09:30: 240 minutes, 150 used on Thursday, Friday is a holiday (Founders' Day, estimated), "
        "closed on Saturday and Sunday."
    )
    assert (line.state, line.target_minutes, line.consumed_minutes, line.due_at) == (
        ClockState.RUNNING,
        240,
        150,
        on(23, "09:30"),
    )


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ((19, "09:00"), "Due Thu 13:00: 240 minutes, none used yet."),
        ((19, "11:00"), "Due Thu 13:00: 240 minutes, 120 used on Thursday."),
        (
            (19, "13:35"),
            "Breached Thu 13:00, 35 minutes ago in opening hours: 240 minutes, 275 used on Thursday.",
        ),
        (
            (20, "08:01"),
            "Breached Thu 13:00, 301 minutes ago in opening hours: 240 minutes, 540 used on Thursday and 1 on Friday.",
        ),
        (
            (27, "08:00"),
            "Breached Thu 19 Nov 13:00, 3300 minutes ago in opening hours: 240 minutes, 3540 used since Thu 19 Nov.",
        ),
    ],
)
def test_a_clock_as_time_passes(now: tuple[int, str], sentence: str) -> None:
    assert told(Story(19, "09:00"), on(*now)).sentence == sentence


def test_pauses_are_told() -> None:
    story = Story(19, "09:00", P.MEDIUM)
    story.becomes(S.WAITING_FOR_RESPONSE, 19, "10:00")
    assert told(story, on(20, "10:00")).sentence == (
        "Paused since Thu 10:00 (waiting for response): 60 of 1200 minutes used, 1140 left."
    )
    story.becomes(S.IN_PROGRESS, 20, "10:00")
    assert told(story, on(20, "11:00")).sentence == (
        "Due Tue 09:00: 1200 minutes, 60 used on Thursday and 60 on Friday, paused from Thu 10:00 to Fri 10:00, "
        "closed on Saturday and Sunday."
    )
    story.becomes(S.ON_HOLD, 20, "12:00")
    story.becomes(S.IN_PROGRESS, 23, "08:00")
    assert "paused 2 times, last from Fri 12:00 to Mon 08:00" in told(story, on(23, "09:00")).sentence


def test_what_was_met_or_missed_and_what_then_stopped_it() -> None:
    story = Story(19, "09:00")
    story.agent(19, "09:30")
    assert told(story, on(19, "10:00"), K.FIRST_RESPONSE).sentence == (
        "Met Thu 09:30 (replied): 30 of 60 minutes used."
    )
    story.becomes(S.ON_HOLD, 19, "13:30")
    assert told(story, on(19, "15:00")).sentence == (
        "Breached Thu 13:00, paused since Thu 13:30 (on hold), 30 minutes late: 240 minutes, 270 used on Thursday."
    )
    story.becomes(S.CLOSED, 19, "16:00")
    line = told(story, on(20, "15:00"))
    assert line.sentence == (
        "Breached Thu 13:00, closed Thu 16:00, 30 minutes late: 240 minutes, 270 used on Thursday."
    )
    assert (line.state, line.breached_at, line.met_at) == (ClockState.BREACHED, on(19, "13:00"), None)


def test_every_kind_is_reported_even_before_it_has_started() -> None:
    story = Story(19, "09:00")
    lines = report(story.clocks, POLICY, OFFICE, on(19, "09:30"))
    assert [line.clock for line in lines] == [K.FIRST_RESPONSE, K.NEXT_RESPONSE, K.RESOLUTION]
    waiting = lines[1]
    assert (waiting.state, waiting.target_minutes, waiting.segments) == (ClockState.NOT_STARTED, None, ())
    assert waiting.sentence == "Not started: it starts when the customer replies to an answer."
    silent = Policy(dict.fromkeys(P, Targets(10, 20)))
    assert report(story.clocks, silent, OFFICE, on(19, "09:30"))[1].sentence == (
        "Not started: the policy promises no next response."
    )


def test_segments_lead_up_to_now_and_their_minutes_add_up() -> None:
    story = Story(19, "09:00")
    story.becomes(S.ON_HOLD, 19, "09:10:40")
    story.becomes(S.IN_PROGRESS, 19, "10:00")
    story.retarget(19, "10:10:30", priority=P.MEDIUM)
    line = told(story, on(19, "10:20"))
    assert [(s["from"], s["to"], s["counted_minutes"], s["why"]) for s in line.segments] == [
        (on(19, "09:00"), on(19, "09:10:40"), 10, "opened"),
        (on(19, "10:00"), on(19, "10:10:30"), 11, "resumed: in_progress"),
        (on(19, "10:10:30"), on(19, "10:20"), 9, "terms changed"),
    ]
    assert line.consumed_minutes == 30


def test_long_deadlines_name_dates_weekends_and_a_few_holidays() -> None:
    calendar = OFFICE.observing({date(2026, 12, day): f"Day {day}" for day in (1, 2)})
    story = Story(16, "08:00", P.LOW, calendar, Policy(dict.fromkeys(P, Targets(480, 13 * 600))))
    assert told(story, on(16, "08:00")).sentence == (
        "Due Fri 4 Dec 18:00: 7800 minutes, none used yet, Tue 1 Dec is a holiday (Day 1), "
        "Wed 2 Dec is a holiday (Day 2), closed on Saturdays and Sundays."
    )
    many = OFFICE.observing({date(2026, 12, day): "Shut" for day in (1, 2, 3, 4)})
    story = Story(16, "08:00", P.LOW, many, Policy(dict.fromkeys(P, Targets(480, 13 * 600))))
    assert "4 days are holidays" in told(story, on(16, "08:00")).sentence


def test_round_the_clock_says_so_and_what_another_calendar_counted_is_summed_up() -> None:
    always = BusinessCalendar("Europe/Paris", always_open=True)
    story = Story(19, "09:00", P.MEDIUM, always)
    assert told(story, on(19, "10:00")).sentence == (
        "Due Fri 05:00: 1200 minutes, 60 used on Thursday, counted round the clock."
    )
    story.retarget(20, "01:00", calendar=OFFICE)
    assert told(story, on(20, "09:00")).sentence == "Due Fri 12:00: 1200 minutes, 1020 used since Thursday."


def test_a_sentence_speaks_the_calendars_local_time() -> None:
    kathmandu = BusinessCalendar("Asia/Kathmandu", OFFICE.windows)
    line = told(Story(19, "09:00", calendar=kathmandu), on(19, "09:00"))
    assert line.sentence.startswith("Due Thu 17:45: ")  # four hours after 13:45 in Kathmandu
