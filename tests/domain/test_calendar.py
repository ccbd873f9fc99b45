"""Business calendars: opening hours in a timezone, over midnight, on the days the clocks change, and on holidays."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import BusinessCalendar, ClosedDay, Window
from domain.public_holidays import public_holidays
from domain.refusal import Refusal

PARIS = ZoneInfo("Europe/Paris")
WEEKDAYS = tuple(Window(day, 480, 1080) for day in range(5))
OFFICE = BusinessCalendar("Europe/Paris", WEEKDAYS)
ROUND_THE_CLOCK = BusinessCalendar("Europe/Paris", always_open=True)


def paris(day: str, time: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


def minutes(calendar: BusinessCalendar, start: datetime, end: datetime) -> float:
    return calendar.open_seconds(start, end) / 60


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (("2026-11-19", "15:30"), 60, ("2026-11-19", "16:30")),
        (("2026-11-19", "15:30"), 150, ("2026-11-19", "18:00")),  # exactly at closing it stays there
        (("2026-11-19", "15:30"), 151, ("2026-11-20", "08:01")),
        (("2026-11-19", "06:00"), 60, ("2026-11-19", "09:00")),
        (("2026-11-20", "17:00"), 120, ("2026-11-23", "09:00")),  # over a weekend
        (("2026-11-21", "12:00"), 0, ("2026-11-23", "08:00")),  # nothing to add while shut: the next opening
        (("2026-11-20", "18:00"), 0, ("2026-11-23", "08:00")),  # a closing time is already shut
        (("2026-11-20", "08:00"), 0, ("2026-11-20", "08:00")),
        (("2026-11-19", "12:00"), 2400, ("2026-11-25", "12:00")),
    ],
)
def test_deadlines_of_an_office(start: tuple[str, str], count: int, due: tuple[str, str]) -> None:
    assert OFFICE.add_open_seconds(paris(*start), count * 60) == paris(*due)


def test_a_holiday_between_is_passed_over_and_has_a_name() -> None:
    calendar = OFFICE.observing({date(2026, 11, 20): "Founders' Day"})
    assert calendar.add_open_seconds(paris("2026-11-19", "15:30"), 240 * 60) == paris("2026-11-23", "09:30")
    assert calendar.why_closed(date(2026, 11, 20)) == ClosedDay(date(2026, 11, 20), "Founders' Day")
    assert calendar.why_closed(date(2026, 11, 21)) == ClosedDay(date(2026, 11, 21), None)
    assert calendar.why_closed(date(2026, 11, 23)) is None


def test_several_windows_a_day_leave_the_lunch_break_out() -> None:
    calendar = BusinessCalendar("Europe/Paris", (Window(3, 540, 720), Window(3, 840, 1020)))
    assert minutes(calendar, paris("2026-11-19", "00:00"), paris("2026-11-20", "00:00")) == 360
    assert calendar.add_open_seconds(paris("2026-11-19", "11:30"), 60 * 60) == paris("2026-11-19", "14:30")
    assert not calendar.is_open(paris("2026-11-19", "13:00"))


def test_windows_that_touch_read_as_one() -> None:
    calendar = BusinessCalendar("Europe/Paris", (Window(3, 540, 720), Window(3, 720, 1440), Window(4, 0, 60)))
    assert list(calendar.open_intervals(paris("2026-11-16", "00:00"), paris("2026-11-23", "00:00"))) == [
        (paris("2026-11-19", "09:00"), paris("2026-11-20", "01:00"))
    ]


NIGHTS = tuple(Window(day, 22 * 60, 6 * 60) for day in range(7))


def test_a_window_over_midnight_belongs_to_the_evening_it_begins_on() -> None:
    calendar = BusinessCalendar("Europe/Paris", (Window(3, 22 * 60, 6 * 60),))
    assert calendar.is_open(paris("2026-11-20", "05:59"))
    assert not calendar.is_open(paris("2026-11-19", "05:59"))
    assert calendar.add_open_seconds(paris("2026-11-20", "05:00"), 120 * 60) == paris("2026-11-26", "23:00")
    assert calendar.why_closed(date(2026, 11, 20)) is None
    assert calendar.why_closed(date(2026, 11, 21)) == ClosedDay(date(2026, 11, 21), None)


def test_a_holiday_cuts_the_night_before_at_midnight_and_takes_its_own_night_whole() -> None:
    calendar = BusinessCalendar("Europe/Paris", NIGHTS).observing({date(2026, 11, 20): "Founders' Day"})
    assert list(calendar.open_intervals(paris("2026-11-19", "12:00"), paris("2026-11-22", "12:00"))) == [
        (paris("2026-11-19", "22:00"), paris("2026-11-20", "00:00")),
        (paris("2026-11-21", "22:00"), paris("2026-11-22", "06:00")),
    ]
    assert calendar.why_closed(date(2026, 11, 20)) is not None
    assert calendar.why_closed(date(2026, 11, 21)) is None


@pytest.mark.parametrize(
    ("opens", "closes", "spring", "autumn"),
    [
        (8 * 60, 18 * 60, 600, 600),
        (0, 1440, 23 * 60, 25 * 60),
        (60, 240, 120, 240),  # 01:00 to 04:00
        (150, 240, 60, 150),  # 02:30, skipped: opens when the clock jumps to 03:00; repeated: at the first one
        (60, 150, 60, 90),  # until 02:30, skipped: closes at the jump; repeated: at the first one
        (130, 170, 0, 40),
    ],
)
def test_days_on_which_the_clocks_change_count_what_really_passes(
    opens: int, closes: int, spring: int, autumn: int
) -> None:
    calendar = BusinessCalendar("Europe/Paris", (Window(6, opens, closes),))
    assert minutes(calendar, paris("2026-03-28", "12:00"), paris("2026-03-30", "12:00")) == spring
    assert minutes(calendar, paris("2026-10-24", "12:00"), paris("2026-10-26", "12:00")) == autumn


def test_a_night_over_the_change_of_clocks() -> None:
    calendar = BusinessCalendar("Europe/Paris", NIGHTS)
    assert minutes(calendar, paris("2026-03-28", "22:00"), paris("2026-03-29", "06:00")) == 7 * 60
    assert minutes(calendar, paris("2026-10-24", "22:00"), paris("2026-10-25", "06:00")) == 9 * 60
    assert calendar.add_open_seconds(paris("2026-10-24", "22:00"), 5 * 3600) == paris("2026-10-25", "02:00", fold=1)


def test_a_zone_that_changes_at_midnight_and_one_that_lost_a_day() -> None:
    cairo = BusinessCalendar("Africa/Cairo", (Window(4, 0, 1440),))  # Friday 2026-04-24 begins at 01:00
    day = datetime(2026, 4, 24, 12, tzinfo=UTC)
    assert minutes(cairo, day - timedelta(days=2), day + timedelta(days=2)) == 23 * 60
    samoa = BusinessCalendar("Pacific/Apia", (Window(4, 480, 1020), Window(5, 480, 1020)))  # no Friday 2011-12-30
    lost = datetime(2011, 12, 30, 12, tzinfo=UTC)
    assert minutes(samoa, lost - timedelta(days=2), lost + timedelta(days=2)) == 540


def test_round_the_clock_knows_no_holiday() -> None:
    calendar = ROUND_THE_CLOCK.observing({date(2026, 11, 20): "Founders' Day"})
    start = paris("2026-10-24", "22:00")
    assert calendar.add_open_seconds(start, 86_400) == start + timedelta(days=1)
    assert calendar.open_seconds(start, start + timedelta(days=40)) == 40 * 86_400
    assert calendar.why_closed(date(2026, 11, 20)) is None


ALGIERS = BusinessCalendar("Africa/Algiers", tuple(Window(day, 480, 1020) for day in (6, 0, 1, 2, 3)))


def test_algeria_rests_on_friday_and_saturday_and_its_estimated_dates_are_corrected() -> None:
    estimated = public_holidays("DZ", [2026])
    assert "estimated" in estimated[date(2026, 5, 27)]
    assert date(2026, 7, 5) in estimated
    # The moon was seen a day later than estimated, and the company adds a day of its own.
    corrected = public_holidays(
        "dz",
        [2026],
        added={date(2026, 5, 30): "Eid al-Adha", date(2026, 6, 1): "Stocktaking"},
        removed=[date(2026, 5, 27)],
    )
    thursday_evening = datetime(2026, 5, 21, 15, 30, tzinfo=UTC)  # 16:30 in Algiers, half an hour before closing
    calendar = ALGIERS.observing(corrected)
    sunday = calendar.add_open_seconds(thursday_evening, 60 * 60)
    assert sunday == datetime(2026, 5, 24, 7, 30, tzinfo=UTC)
    assert not calendar.is_open(datetime(2026, 5, 28, 10, tzinfo=UTC))
    assert calendar.is_open(datetime(2026, 5, 27, 10, tzinfo=UTC))
    assert not ALGIERS.observing(estimated).is_open(datetime(2026, 5, 27, 10, tzinfo=UTC))
    assert calendar.why_closed(date(2026, 6, 1)) == ClosedDay(date(2026, 6, 1), "Stocktaking")
    # Wednesday at noon: 300 minutes are left that day, Thursday is Eid, Friday and Saturday the weekend.
    assert calendar.add_open_seconds(datetime(2026, 5, 27, 11, tzinfo=UTC), 330 * 60) == datetime(
        2026, 5, 31, 7, 30, tzinfo=UTC
    )


def test_public_holidays_come_in_order_for_the_years_asked() -> None:
    named = public_holidays("FR", [2027, 2026])
    assert list(named) == sorted(named)
    assert named[date(2026, 7, 14)] == "National Day"
    assert {day.year for day in named} == {2026, 2027}


def refused(code: str, build: object) -> None:
    assert callable(build)
    with pytest.raises(Refusal) as refusal:
        build()
    assert refusal.value.code == code


def test_what_no_calendar_may_be() -> None:
    refused("calendar_never_open", lambda: BusinessCalendar("Europe/Paris"))
    for timezone in ("Europe/Pari", "", "../etc", "/etc/passwd", "Europe", "a\0b", "x" * 5000):
        refused("timezone_unknown", lambda timezone=timezone: BusinessCalendar(timezone, WEEKDAYS))
    refused("country_unknown", lambda: public_holidays("ZZ", [2026]))
    for window in ((7, 0, 60), (-1, 0, 60), (0, 1440, 60), (0, -1, 60), (0, 0, 1441)):
        refused("calendar_invalid", lambda window=window: Window(*window))
    for overlap in (
        (Window(0, 480, 720), Window(0, 700, 900)),
        (Window(0, 480, 720), Window(0, 480, 720)),
        (Window(0, 480, 720),) * 2,
        (Window(0, 1320, 360), Window(1, 300, 600)),
        (Window(6, 1320, 360), Window(0, 300, 600)),  # Sunday night runs into Monday
    ):
        refused("windows_overlap", lambda overlap=overlap: BusinessCalendar("Europe/Paris", overlap))


def test_a_calendar_that_only_holidays_keep_shut_is_refused_when_a_deadline_is_asked_for() -> None:
    mondays = {date(2026, 1, 5) + timedelta(weeks=n): "Shut" for n in range(600)}
    calendar = BusinessCalendar("Europe/Paris", (Window(0, 480, 1080),)).observing(mondays)
    refused("calendar_never_open", lambda: calendar.add_open_seconds(paris("2026-11-19", "12:00"), 60))
    refused("calendar_never_open", lambda: OFFICE.add_open_seconds(paris("2026-11-19", "12:00"), 10 * 366 * 86_400))


def test_defects_of_a_caller_are_errors_and_no_refusals() -> None:
    with pytest.raises(ValueError, match="timezone"):
        OFFICE.open_seconds(datetime(2026, 11, 19), paris("2026-11-20", "12:00"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="never taken away"):
        OFFICE.add_open_seconds(paris("2026-11-19", "12:00"), -1)


def test_parts_of_a_second_are_left_out() -> None:
    start = paris("2026-11-19", "12:00") + timedelta(milliseconds=700)
    assert OFFICE.add_open_seconds(start, 60) == paris("2026-11-19", "12:01")
    assert OFFICE.open_seconds(start, start + timedelta(milliseconds=400)) == 1


ZONES = ("Europe/Paris", "Africa/Algiers", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
AROUND_CHANGES = st.sampled_from([datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)])
INSTANTS = st.builds(lambda base, ms: base + timedelta(milliseconds=ms), AROUND_CHANGES, st.integers(0, 8 * 86_400_000))
# Edges in the hour that Paris skips and repeats have their own table above.
EDGES = st.integers(0, 47).map(lambda half_hour: half_hour * 30).filter(lambda minute: not 120 < minute < 180)
WINDOWS = st.lists(st.builds(Window, st.integers(0, 6), EDGES, EDGES), min_size=1, max_size=9, unique=True)
HOLIDAYS = st.dictionaries(
    st.sampled_from([date(2026, 3, 26) + timedelta(days=n) for n in range(8)]), st.just("Shut"), max_size=3
)


@st.composite
def calendars(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> BusinessCalendar:
    kept: list[Window] = []
    for window in draw(WINDOWS):
        try:
            BusinessCalendar("UTC", (*kept, window))
        except Refusal:
            continue
        kept.append(window)
    return BusinessCalendar(draw(st.sampled_from(zones)), tuple(kept)).observing(draw(HOLIDAYS))


@given(calendars(), INSTANTS, INSTANTS, INSTANTS)
def test_stretches_add_up(calendar: BusinessCalendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.open_seconds(a, b) + calendar.open_seconds(b, c) == calendar.open_seconds(a, c)
    intervals = list(calendar.open_intervals(a, c))
    assert calendar.open_seconds(a, c) == sum((end - start).total_seconds() for start, end in intervals)
    assert all(one[1] < two[0] for one, two in pairwise(intervals))


@given(calendars(), INSTANTS, st.integers(0, 400_000))
def test_a_deadline_is_the_first_instant_with_that_much_opening(
    calendar: BusinessCalendar, start: datetime, seconds: int
) -> None:
    due = calendar.add_open_seconds(start, seconds)
    assert calendar.open_seconds(start, due) == seconds
    if seconds:
        assert calendar.open_seconds(start, due - timedelta(seconds=1)) == seconds - 1
        assert calendar.is_open(due - timedelta(seconds=1))
    else:
        assert calendar.is_open(due)


@given(calendars(("Europe/Paris",)), INSTANTS, st.integers(0, 3 * 1440))
def test_counting_agrees_with_reading_a_clock_on_the_wall_every_minute(
    calendar: BusinessCalendar, start: datetime, count: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    names = dict(calendar.holidays)

    def reads_open(at: datetime) -> bool:
        local = at.astimezone(PARIS)
        today, minute = local.date(), local.hour * 60 + local.minute
        eve = today - timedelta(days=1)
        if today in names:
            return False
        return any(
            (window.weekday == today.weekday() and window.opens <= minute < window.ends)
            or (window.weekday == eve.weekday() and eve not in names and minute < window.ends - 1440)
            for window in calendar.windows
        )

    walked = [start + timedelta(minutes=n) for n in range(count)]
    assert minutes(calendar, start, start + timedelta(minutes=count)) == sum(map(reads_open, walked))
    assume(walked)
    assert calendar.is_open(walked[-1]) == reads_open(walked[-1])


@given(calendars(), st.sampled_from([date(2026, 3, 25) + timedelta(days=n) for n in range(10)]))
def test_a_day_is_said_to_be_closed_when_not_a_second_of_it_is_open(calendar: BusinessCalendar, day: date) -> None:
    opened = calendar.open_seconds(calendar.midnight(day), calendar.midnight(day + timedelta(days=1)))
    assert (calendar.why_closed(day) is None) == (opened > 0)


def test_a_day_whose_only_hour_is_skipped_is_closed() -> None:
    calendar = BusinessCalendar("Europe/Paris", (Window(6, 120, 180),))
    assert calendar.why_closed(date(2026, 3, 29)) == ClosedDay(date(2026, 3, 29), None)
    assert calendar.why_closed(date(2026, 4, 5)) is None
