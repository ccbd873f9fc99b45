"""Slots agree with a slow reading of the wall clock, over every change of clocks; and bookings never overlap."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.bookings.availability import (
    MemberTerms,
    ServiceTerms,
    Slot,
    Taken,
    buffers,
    occupied,
    pick_member,
    place_at,
    reach,
    slots,
)
from domain.calendar import BusinessCalendar, Window
from domain.refusal import Refusal
from tests.domain.bookings import by_the_minute

MINUTE = timedelta(minutes=1)
# Days on which clocks change, forward and back: Cairo's at midnight, Lord Howe's by half an hour, Algiers' never.
CHANGES = [
    ("Africa/Algiers", date(2026, 3, 29)),
    ("Europe/Paris", date(2026, 3, 29)),
    ("Europe/Paris", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Sydney", date(2026, 10, 4)),
    ("Australia/Sydney", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
]
SERVICE, OTHER = UUID(int=100), UUID(int=101)
MEMBERS = [UUID(int=n) for n in range(1, 4)]
QUARTERS = st.integers(0, 95).map(lambda n: n * 15)


@st.composite
def hours(draw: st.DrawFn, zone: str, days: list[date]) -> BusinessCalendar:
    shape = draw(st.sampled_from(["always", "office", "office", "nights", "any"]))
    if shape == "always":
        return BusinessCalendar(zone, always_open=True)
    kept: list[Window] = []
    if shape == "any":
        for window in draw(st.lists(st.builds(Window, st.integers(0, 6), QUARTERS, QUARTERS), min_size=3, max_size=9)):
            try:
                BusinessCalendar(zone, (*kept, window))
            except Refusal:
                continue
            kept.append(window)
    else:
        opens, closes = draw(
            st.sampled_from([(0, 720), (150, 1020), (480, 1440)] if shape == "office" else [(1320, 360), (0, 0)])
        )
        kept = [Window(day, opens, closes) for day in range(7)]
    holidays = draw(st.sampled_from([[], [], days[:1], days[1:2], days[2:]]))
    return BusinessCalendar(zone, tuple(kept)).observing(dict.fromkeys(holidays, "Shut"))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, object]:
    zone, day = draw(st.sampled_from(CHANGES))
    days = [day + timedelta(days=n) for n in range(-1, 2)]
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    some_days = st.sampled_from([frozenset[date](), frozenset[date](), frozenset(days[:1]), frozenset(days[1:2])])
    service = ServiceTerms(
        duration_minutes=draw(st.sampled_from([15, 30, 45, 60, 90, 300])),
        hours=draw(hours(zone, days)),
        slot_minutes=draw(st.sampled_from([None, 15, 40, 50])),
        capacity=draw(st.sampled_from([1, 1, 3])),
        min_notice_minutes=draw(st.sampled_from([0, 0, 50, 1440])),
        max_advance_days=draw(st.sampled_from([30, 30, 30, 0, 1, 2])),
        daily_cap=draw(st.sampled_from([None, None, None, 0, 1, 2])),
        buffer_before_minutes=draw(st.sampled_from([0, 10])),
        buffer_after_minutes=draw(st.sampled_from([0, 10, 120])),
        blackouts=draw(some_days),
    )
    members = [
        MemberTerms(
            id=member,
            hours=draw(hours(draw(st.sampled_from([zone, zone, "Asia/Kathmandu"])), days)),
            days_off=draw(some_days),
            max_concurrent=draw(st.sampled_from([1, 1, 2])),
            buffer_minutes=draw(st.sampled_from([0, 10, 20])),
        )
        for member in MEMBERS[: draw(st.integers(1, 3))]
    ]
    now = (
        start
        + draw(st.sampled_from([-2880, -2880, 0, 617, 2000])) * MINUTE
        + draw(st.sampled_from([0, 1])) * timedelta.resolution
    )
    return {
        "service": service,
        "members": members,
        "now": now,
        "start": start,
        "end": start + timedelta(days=3),
        "day_counts": draw(st.dictionaries(st.sampled_from(days), st.integers(0, 2))),
    }


@st.composite
def taken(draw: st.DrawFn, question: dict[str, object]) -> list[Taken]:
    """What is taken: on the slots there are, and anywhere else."""
    service, start = question["service"], question["start"]
    assert isinstance(service, ServiceTerms)
    assert isinstance(start, datetime)
    free = slots(**question, taken=occupied(SERVICE, ()))  # type: ignore[arg-type]
    anywhere = st.integers(0, 3 * 288).map(lambda n: start + n * 5 * MINUTE)
    found = []
    for _ in range(draw(st.integers(0, 10))):
        begins = draw(st.sampled_from([slot.start for slot in free]) | anywhere if free else anywhere)
        length = draw(st.sampled_from([service.duration_minutes, service.duration_minutes, 20])) * MINUTE
        # Often right before or after a slot, with its buffers or without them.
        begins += draw(st.sampled_from([-1, 0, 0, 0, 1])) * (length + draw(st.sampled_from([0, 10, 20])) * MINUTE)
        ends = begins + length
        buffer = draw(st.sampled_from([0, 10])) * MINUTE
        member, lane = draw(st.sampled_from(MEMBERS)), draw(st.sampled_from([0, 0, 1, 2]))
        capacity = draw(st.sampled_from([1, service.capacity]))
        of = draw(st.sampled_from([SERVICE, OTHER]))
        seats = draw(st.integers(1, capacity))
        found.append(Taken(member, of, lane, begins, ends, begins - buffer, ends + buffer, seats, capacity))
    return found


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_slots_are_those_that_a_slow_reading_of_the_clock_finds_and_each_instant_books_or_says_why_not(
    data: st.DataObject,
) -> None:
    question = data.draw(questions())
    booked_so_far = data.draw(taken(question))
    expected = by_the_minute.slots(SERVICE, **question, taken=booked_so_far)  # type: ignore[arg-type]
    question["taken"] = occupied(SERVICE, booked_so_far)
    found = slots(**question)  # type: ignore[arg-type]
    assert found == expected

    service, members, start, end = (question[name] for name in ("service", "members", "start", "end"))
    first, last = reach(service, members, start, end)  # type: ignore[arg-type]
    within = [one for one in booked_so_far if one.blocked_from < last and one.blocked_until > first]
    question["taken"] = occupied(SERVICE, within)
    assert slots(**question) == found  # type: ignore[arg-type]

    start, by_start = question.pop("start"), {slot.start: slot for slot in found}
    assert isinstance(start, datetime)
    del question["end"]
    anywhere = [start + n * 5 * MINUTE for n in data.draw(st.lists(st.integers(0, 3 * 288 - 1), max_size=10))]
    for instant in [*anywhere, *list(by_start)[:10]]:
        assert booked(instant, question) == by_start.get(instant)
        assert booked(instant + timedelta(seconds=data.draw(st.sampled_from([1, 0.5]))), question) is None


def booked(instant: datetime, question: dict[str, object]) -> Slot | None:
    try:
        return place_at(**question, start=instant)  # type: ignore[arg-type]
    except Refusal:
        return None


@settings(deadline=None, max_examples=80)
@given(questions(), st.randoms(use_true_random=False))
def test_who_books_until_nothing_is_left_overlaps_nobody_and_oversells_nothing(
    question: dict[str, object], random
) -> None:  # type: ignore[no-untyped-def]
    service, members = question["service"], {member.id: member for member in question["members"]}  # type: ignore[attr-defined]
    assert isinstance(service, ServiceTerms)
    question["day_counts"] = counts = Counter[date]()
    sessions: dict[tuple[UUID, int, datetime], Taken] = {}
    seats = 0
    while found := slots(**question, taken=occupied(SERVICE, sessions.values())):  # type: ignore[arg-type]
        slot = random.choice(found)
        place = pick_member(slot, {})
        key = (place.member_id, place.lane, slot.start)
        assert place.session == (key in sessions)
        before, after = buffers(service, members[place.member_id])
        filled = sessions[key].seats_taken if place.session else 0
        assert place.seats_left == service.capacity - filled
        sessions[key] = Taken(
            *(place.member_id, SERVICE, place.lane, slot.start, slot.end, slot.start - before, slot.end + after),
            *(filled + 1, service.capacity),
        )
        seats += 1
        counts[service.hours.local(slot.start).date()] += not place.session
        if seats == 40:
            break
    else:
        assert all(one.seats_taken == one.capacity for one in sessions.values())
    assert sum(one.seats_taken for one in sessions.values()) == seats
    assert service.daily_cap is None or all(count <= service.daily_cap for count in counts.values())
    for one, two in combinations(sessions.values(), 2):
        if (one.member_id, one.lane) == (two.member_id, two.lane):
            assert one.blocked_until <= two.blocked_from or two.blocked_until <= one.blocked_from
        assert one.lane < members[one.member_id].max_concurrent


@settings(deadline=None, max_examples=40)
@given(questions(), st.datetimes(timezones=st.timezones()))
def test_any_instant_at_all_is_answered(question: dict[str, object], instant: datetime) -> None:
    del question["start"], question["end"]
    with pytest.raises(Refusal):
        place_at(**question, taken=occupied(SERVICE, ()), start=instant.replace(second=7))  # type: ignore[arg-type]
