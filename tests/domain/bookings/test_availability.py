"""Slots of a service: the grid, clocks that change, notice and limits, lanes and seats, and what is refused why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.bookings.availability import (
    MemberTerms,
    Place,
    ServiceTerms,
    Slot,
    Taken,
    nearest,
    occupied,
    pick_member,
    place_at,
    slots,
)
from domain.calendar import BusinessCalendar, Window
from domain.refusal import Refusal

CUT, COLOUR = UUID(int=100), UUID(int=101)
ANNA, BEN = UUID(int=1), UUID(int=2)
OFFICE = BusinessCalendar("Europe/Paris", tuple(Window(day, 540, 720) for day in range(5)))  # 09:00 to 12:00
ALWAYS = BusinessCalendar("Europe/Paris", always_open=True)
SERVICE = ServiceTerms(60, OFFICE)
MEMBER = MemberTerms(ANNA, ALWAYS)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOTHING = occupied(CUT, [])


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def paris(text: str, fold: int = 0) -> datetime:
    return local("Europe/Paris", text, fold)


def taken(text: str, lane: int = 0, minutes: int = 60, buffer: int = 0, **more: object) -> Taken:
    start, length, around = paris(text), timedelta(minutes=minutes), timedelta(minutes=buffer)
    booked = Taken(ANNA, CUT, lane, start, start + length, start - around, start + length + around)
    return replace(booked, **more)  # type: ignore[arg-type]


def found(
    day: str,
    service: ServiceTerms = SERVICE,
    members: tuple[MemberTerms, ...] = (MEMBER,),
    booked: tuple[Taken, ...] = (),
    now: datetime = NOW,
) -> list[Slot]:
    start = service.hours.midnight(date.fromisoformat(day))
    end = service.hours.midnight(date.fromisoformat(day) + timedelta(days=1))
    return slots(service, members, occupied(CUT, booked), {}, now, start, end)


def times(found: list[Slot], zone: str = "Europe/Paris") -> list[str]:
    return [slot.start.astimezone(ZoneInfo(zone)).strftime("%H:%M%z") for slot in found]


def test_starts_lie_as_far_apart_as_the_appointment_is_long_or_as_is_said() -> None:
    assert times(found("2026-11-02")) == ["09:00+0100", "10:00+0100", "11:00+0100"]
    assert len(found("2026-11-02", replace(SERVICE, slot_minutes=30))) == 5
    assert times(found("2026-11-02", replace(SERVICE, slot_minutes=50))) == ["09:00+0100", "09:50+0100", "10:40+0100"]
    assert found("2026-11-07") == []
    first = found("2026-11-02")[0]
    assert first == Slot(
        datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 2, 9, tzinfo=UTC), (Place(ANNA, 0, 1, False),)
    )


def test_an_appointment_may_run_over_windows_that_touch_and_over_midnight_but_not_over_closing() -> None:
    halves = replace(OFFICE, windows=(Window(0, 540, 630), Window(0, 630, 720)))
    assert times(found("2026-11-02", ServiceTerms(60, halves))) == ["09:00+0100", "10:00+0100", "10:30+0100"]
    nights = replace(OFFICE, windows=tuple(Window(day, 1320, 120) for day in range(7)))  # 22:00 to 02:00
    assert times(found("2026-11-03", ServiceTerms(90, nights))) == ["22:00+0100", "23:30+0100"]
    assert times(found("2026-11-03", ServiceTerms(45, nights))) == [
        *("00:15+0100", "01:00+0100", "22:00+0100", "22:45+0100", "23:30+0100"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Africa/Algiers", "2026-03-29", "01:00+0100 01:30+0100 02:00+0100 02:30+0100 03:00+0100"),
        ("Europe/Paris", "2026-03-29", "01:00+0100 01:30+0100 03:00+0200"),
        (
            *("Europe/Paris", "2026-10-25"),
            "01:00+0200 01:30+0200 02:00+0200 02:30+0200 02:00+0100 02:30+0100 03:00+0100",
        ),
        ("America/New_York", "2026-03-08", "01:00-0500 01:30-0500 03:00-0400"),
        (
            *("America/New_York", "2026-11-01"),
            "01:00-0400 01:30-0400 01:00-0500 01:30-0500 02:00-0500 02:30-0500 03:00-0500",
        ),
        ("Australia/Sydney", "2026-10-04", "01:00+1000 01:30+1000 03:00+1100"),
        ("Australia/Lord_Howe", "2026-10-04", "01:00+1030 01:30+1030 02:30+1100 03:00+1100"),
        ("Australia/Lord_Howe", "2026-04-05", "01:00+1100 01:30+1100 01:30+1030 02:00+1030 02:30+1030 03:00+1030"),
    ],
)
def test_a_skipped_time_is_no_slot_and_a_repeated_one_is_two(zone: str, day: str, expected: str) -> None:
    hours = BusinessCalendar(zone, (Window(6, 60, 240),))  # Sundays, 01:00 to 04:00
    service = ServiceTerms(60, hours, slot_minutes=30)
    given = found(day, service, now=hours.midnight(date.fromisoformat(day)))
    assert times(given, zone) == expected.split()
    assert all(slot.end - slot.start == timedelta(hours=1) for slot in given)


def test_what_is_always_open_counts_from_midnight_and_is_shut_on_blackouts_but_not_on_holidays() -> None:
    service = ServiceTerms(
        420, ALWAYS.observing({date(2026, 11, 3): "Holiday"}), blackouts=frozenset({date(2026, 11, 4)})
    )
    assert times(found("2026-11-02", service)) == ["00:00+0100", "07:00+0100", "14:00+0100", "21:00+0100"]
    assert times(found("2026-11-03", service)) == ["00:00+0100", "07:00+0100", "14:00+0100"]
    assert found("2026-11-04", service) == []


def test_a_member_works_in_hours_and_on_days_of_a_zone_of_their_own() -> None:
    # From 18:00 to 20:30 in Tokyo it is 10:00 to 12:30 in Paris.
    tokyo = BusinessCalendar("Asia/Tokyo", tuple(Window(day, 1080, 1230) for day in range(7)))
    member = MemberTerms(ANNA, tokyo, days_off=frozenset({date(2026, 11, 3)}))
    assert times(found("2026-11-02", members=(member,))) == ["10:00+0100", "11:00+0100"]
    assert found("2026-11-03", members=(member,)) == []
    assert found("2026-11-02", members=()) == []


def test_buffers_keep_appointments_apart_and_the_longer_one_counts() -> None:
    service = replace(SERVICE, slot_minutes=30, buffer_before_minutes=10, buffer_after_minutes=30)
    lunch = (taken("2026-11-02T10:30", minutes=30),)
    assert times(found("2026-11-02", service, booked=lunch)) == ["09:00+0100"]
    assert times(found("2026-11-02", replace(SERVICE, slot_minutes=30), booked=lunch)) == [
        *("09:00+0100", "09:30+0100", "11:00+0100"),
    ]
    calm = replace(MEMBER, buffer_minutes=45)
    assert times(found("2026-11-02", service, members=(calm,), booked=lunch)) == []
    # What is booked blocks by buffers of its own, of whatever service it is.
    other = (taken("2026-11-02T10:30", minutes=30, buffer=30, service_id=COLOUR),)
    assert times(found("2026-11-02", replace(SERVICE, slot_minutes=30), booked=other)) == ["09:00+0100"]


def test_buffers_may_lie_outside_opening_hours() -> None:
    service = replace(SERVICE, buffer_before_minutes=60, buffer_after_minutes=60)
    assert len(found("2026-11-02", service)) == 3


def test_who_takes_several_at_once_has_a_lane_for_each() -> None:
    twice = (replace(MEMBER, max_concurrent=2),)
    nine, ten = paris("2026-11-02T09:00"), paris("2026-11-02T10:00")

    def lane(start: datetime, *booked: Taken) -> int:
        return place_at(SERVICE, twice, occupied(CUT, booked), {}, NOW, start).places[0].lane

    assert lane(nine) == 0
    assert lane(nine, taken("2026-11-02T09:00")) == 1
    assert lane(nine, taken("2026-11-02T09:30", lane=1)) == 0
    assert lane(ten, taken("2026-11-02T09:00"), taken("2026-11-02T09:00", lane=1)) == 0
    both = (taken("2026-11-02T08:30"), taken("2026-11-02T09:30", lane=1))
    assert times(found("2026-11-02", members=twice, booked=both)) == ["10:00+0100", "11:00+0100"]
    # It used to be four at once: two of them still go on.
    high = (taken("2026-11-02T09:00", lane=2), taken("2026-11-02T09:00", lane=3))
    assert times(found("2026-11-02", members=twice, booked=high)) == ["10:00+0100", "11:00+0100"]


def test_seats_fill_one_session_before_its_member_can_give_another() -> None:
    course = replace(SERVICE, capacity=3)
    session = taken("2026-11-02T10:00", seats_taken=2, capacity=3)

    def places(*booked: Taken, member: MemberTerms = MEMBER) -> dict[str, Place]:
        given = found("2026-11-02", course, members=(member,), booked=booked)
        return {time[:5]: slot.places[0] for time, slot in zip(times(given), given, strict=True)}

    fresh = Place(ANNA, 0, 3, False)
    assert places(session) == {"09:00": fresh, "10:00": Place(ANNA, 0, 1, True), "11:00": fresh}
    assert places(replace(session, seats_taken=3)) == {"09:00": fresh, "11:00": fresh}
    assert places(replace(session, seats_taken=3), member=replace(MEMBER, max_concurrent=2))["10:00"] == Place(
        ANNA, 1, 3, False
    )
    assert "10:00" not in places(replace(session, service_id=COLOUR))
    assert "10:00" not in places(taken("2026-11-02T10:00", minutes=45, seats_taken=2, capacity=3))
    both = (replace(session, lane=1), session, replace(session, lane=2))
    assert places(*both, member=replace(MEMBER, max_concurrent=3))["10:00"] == Place(ANNA, 0, 1, True)
    # Capacity was lowered since: the session keeps what it was opened with, also when it has more taken.
    assert "10:00" not in places(replace(session, seats_taken=4))


def test_a_full_day_still_has_the_seats_of_its_sessions() -> None:
    course = replace(SERVICE, capacity=3, daily_cap=1)
    session = taken("2026-11-02T10:00", capacity=3)
    counts = {date(2026, 11, 2): 1}
    end = paris("2026-11-03T10:00")
    given = slots(course, [MEMBER], occupied(CUT, [session]), counts, NOW, paris("2026-11-02T00:00"), end)
    assert [slot.places[0].session for slot in given] == [True, False]
    assert given[1].start == paris("2026-11-03T09:00")


def test_the_last_day_that_can_be_booked_counts_whole() -> None:
    service = replace(SERVICE, max_advance_days=1)
    now = paris("2026-11-02T23:59")
    assert len(found("2026-11-03", service, now=now)) == 3
    assert found("2026-11-04", service, now=now) == []
    assert len(found("2026-11-04", service, now=now + timedelta(minutes=1))) == 3


@pytest.mark.parametrize(
    ("code", "start", "service", "member"),
    [
        ("slot_in_past", "2026-11-01T12:59", SERVICE, MEMBER),
        ("too_soon", "2026-11-02T11:00", replace(SERVICE, min_notice_minutes=1440), MEMBER),
        ("too_far_ahead", "2026-11-05T09:00", replace(SERVICE, max_advance_days=3), MEMBER),
        ("blackout", "2026-11-02T09:00", replace(SERVICE, blackouts=frozenset({date(2026, 11, 2)})), MEMBER),
        ("slot_outside_hours", "2026-11-02T08:00", SERVICE, MEMBER),
        ("slot_outside_hours", "2026-11-02T11:30", SERVICE, MEMBER),
        ("slot_outside_hours", "2026-11-07T09:00", SERVICE, MEMBER),
        (
            *("slot_outside_hours", "2026-11-02T09:00"),
            *(replace(SERVICE, hours=OFFICE.observing({date(2026, 11, 2): "Holiday"})), MEMBER),
        ),
        ("slot_off_grid", "2026-11-02T09:30", SERVICE, MEMBER),
        ("slot_off_grid", "2026-11-02T09:00:00.5", SERVICE, MEMBER),
        ("member_away", "2026-11-02T09:00", SERVICE, replace(MEMBER, days_off=frozenset({date(2026, 11, 2)}))),
        ("day_full", "2026-11-02T09:00", replace(SERVICE, daily_cap=2), MEMBER),
        ("day_full", "2026-11-03T09:00", replace(SERVICE, daily_cap=0), MEMBER),
        ("slot_taken", "2026-11-02T10:00", SERVICE, MEMBER),
        ("slot_taken", "2026-11-02T09:00", replace(SERVICE, buffer_after_minutes=5), MEMBER),
    ],
)
def test_a_refusal_says_why(code: str, start: str, service: ServiceTerms, member: MemberTerms) -> None:
    booked, counts = [taken("2026-11-02T10:00")], {date(2026, 11, 2): 2}
    refused(code, lambda: place_at(service, [member], occupied(CUT, booked), counts, NOW, paris(start)))


def refused(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refusal:
        ask()
    assert refusal.value.code == code


def test_notice_is_kept_to_the_instant() -> None:
    service = replace(SERVICE, min_notice_minutes=60)
    nine = paris("2026-11-02T09:00")
    assert place_at(service, [MEMBER], NOTHING, {}, nine - timedelta(hours=1), nine).start == nine
    late = nine - timedelta(hours=1) + timedelta.resolution
    refused("too_soon", lambda: place_at(service, [MEMBER], NOTHING, {}, late, nine))


def test_the_least_booked_is_picked_and_who_had_the_series_before_that() -> None:
    free = Slot(NOW, NOW, (Place(ANNA, 0, 1, False), Place(BEN, 0, 1, False)))
    assert pick_member(free, {}).member_id == ANNA
    assert pick_member(free, {ANNA: 1}).member_id == BEN
    assert pick_member(free, {ANNA: 1, BEN: 1}).member_id == ANNA
    assert pick_member(free, {ANNA: 1}, prefer=ANNA).member_id == ANNA
    assert pick_member(free, {ANNA: 1}, prefer=UUID(int=9)).member_id == BEN
    begun = replace(free, places=(Place(ANNA, 0, 3, False), Place(BEN, 0, 1, True)))
    assert pick_member(begun, {BEN: 7}).member_id == BEN
    assert pick_member(begun, {BEN: 7}, prefer=ANNA).member_id == ANNA


def test_alternatives_are_the_nearest_first() -> None:
    given = found("2026-11-02", replace(SERVICE, slot_minutes=30))
    assert times(nearest(given, paris("2026-11-02T10:00"))) == ["10:00+0100", "09:30+0100", "10:30+0100"]
    assert times(nearest(given, paris("2026-11-03T10:00"), n=1)) == ["11:00+0100"]
    assert nearest([], NOW) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"duration_minutes": 0},
        {"slot_minutes": 0},
        {"slot_minutes": -5},
        {"capacity": 0},
        {"min_notice_minutes": -1},
        {"max_advance_days": 100_000},
        {"daily_cap": -1},
        {"buffer_before_minutes": -1},
        {"buffer_after_minutes": 1441},
    ],
)
def test_what_no_service_may_be(broken: dict[str, int]) -> None:
    refused("service_terms_invalid", lambda: replace(SERVICE, **broken))  # type: ignore[arg-type]


def test_what_no_member_may_be_and_that_an_instant_needs_a_zone() -> None:
    refused("member_terms_invalid", lambda: replace(MEMBER, max_concurrent=0))
    refused("member_terms_invalid", lambda: replace(MEMBER, buffer_minutes=-1))
    with pytest.raises(TypeError):
        place_at(SERVICE, [MEMBER], NOTHING, {}, NOW, NOW.replace(tzinfo=None))
