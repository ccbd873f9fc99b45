"""Recurrence rules: the examples of RFC 5545 3.8.5.3 that bookings take, clocks that change, chunks, and garbage."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.bookings.recurrence import LAST, Frequency, Rule, occurrences, read
from domain.refusal import Refusal

NEW_YORK = "America/New_York"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def dates(text: str) -> list[date]:
    """`Sep 2 4; 1998 Jan 6`: the year stays until another is named, and begins with 1997."""
    year, month, found = 1997, 0, []
    for word in text.replace(";", "").split():
        if word in MONTHS:
            month = MONTHS.index(word) + 1
        elif len(word) == 4:
            year = int(word)
        else:
            found.append(date(year, month, int(word)))
    return found


@pytest.mark.parametrize(
    ("start", "rule", "expected"),
    [
        ("1997-09-02", "FREQ=DAILY;COUNT=10", "Sep 2 3 4 5 6 7 8 9 10 11"),
        ("1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=5", "Sep 2 12 22; Oct 2 12"),
        ("1997-09-02", "FREQ=WEEKLY;COUNT=10", "Sep 2 9 16 23 30; Oct 7 14 21 28; Nov 4"),
        (
            *("1997-09-02", "FREQ=WEEKLY;UNTIL=19971224T000000Z"),
            "Sep 2 9 16 23 30; Oct 7 14 21 28; Nov 4 11 18 25; Dec 2 9 16 23",
        ),
        (
            *("1997-09-02", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH"),
            "Sep 2 4 9 11 16 18 23 25 30; Oct 2",
        ),
        ("1997-09-02", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "Sep 2 4 9 11 16 18 23 25 30; Oct 2"),
        (
            *("1997-09-01", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"),
            "Sep 1 3 5 15 17 19 29; Oct 1 3 13 15 17 27 29 31; Nov 10 12 14 24 26 28; Dec 8 10 12 22",
        ),
        ("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "Sep 2 4 16 18 30; Oct 2 14 16"),
        (
            *("1997-09-05", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR"),
            "Sep 5; Oct 3; Nov 7; Dec 5; 1998 Jan 2; Feb 6; Mar 6; Apr 3; May 1; Jun 5",
        ),
        ("1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "Sep 5; Oct 3; Nov 7; Dec 5"),
        (
            *("1997-09-07", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"),
            "Sep 7 28; Nov 2 30; 1998 Jan 4 25; Mar 1 29; May 3 31",
        ),
        (
            *("1997-09-22", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"),
            "Sep 22; Oct 20; Nov 17; Dec 22; 1998 Jan 19; Feb 16",
        ),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "Aug 5 10 19 24"),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "Aug 5 17 19 31"),
    ],
)
def test_examples_of_the_rfc_that_end(start: str, rule: str, expected: str) -> None:
    found = occurrences(read(f"RRULE:{rule}"), local(NEW_YORK, f"{start}T09:00"), NEW_YORK, None, LAST, 1000)
    assert found == [local(NEW_YORK, f"{day}T09:00") for day in dates(expected)]


@pytest.mark.parametrize(
    ("start", "rule", "expected"),
    [
        ("1997-09-02", "FREQ=DAILY;INTERVAL=2", "Sep 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30; Oct 2 4 6 8 10 12 14"),
        (
            *("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"),
            "Sep 2 16 30; Oct 14 28; Nov 11 25; Dec 9 23; 1998 Jan 6 20; Feb 3 17",
        ),
        (
            *("1997-09-02", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"),
            "Sep 2 9 16 23 30; Nov 4 11 18 25; 1998 Jan 6 13 20 27; Mar 3 10 17 24 31",
        ),
    ],
)
def test_examples_of_the_rfc_without_end(start: str, rule: str, expected: str) -> None:
    days = dates(expected)
    found = occurrences(read(rule), local(NEW_YORK, f"{start}T09:00"), NEW_YORK, None, LAST, len(days))
    assert found == [local(NEW_YORK, f"{day}T09:00") for day in days]


def test_the_example_of_the_rfc_of_every_day_until_christmas_eve() -> None:
    start = local(NEW_YORK, "1997-09-02T09:00")
    found = occurrences(read("FREQ=DAILY;UNTIL=19971224T000000Z"), start, NEW_YORK, None, LAST, 1000)
    assert found == [local(NEW_YORK, f"{date(1997, 9, 2) + timedelta(days=n)}T09:00") for n in range(113)]
    assert found[-1] == datetime(1997, 12, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("Africa/Algiers", "2026-03-28T02:30", "01:30 01:30 01:30"),
        ("Europe/Paris", "2026-03-28T02:30", "01:30 01:30 00:30"),  # 03:30 by the clock, with the offset before
        ("Europe/Paris", "2026-10-24T02:30", "00:30 00:30 01:30"),  # the first of the two
        ("America/New_York", "2026-03-07T02:30", "07:30 07:30 06:30"),
        ("America/New_York", "2026-10-31T01:30", "05:30 05:30 06:30"),
        ("Australia/Sydney", "2026-10-03T02:30", "16:30 16:30 15:30"),
        ("Australia/Sydney", "2026-04-04T02:30", "15:30 15:30 16:30"),
        ("Australia/Lord_Howe", "2026-10-03T02:15", "15:45 15:45 15:15"),
        ("Australia/Lord_Howe", "2026-04-04T01:45", "14:45 14:45 15:15"),
    ],
)
def test_what_recurs_keeps_its_local_time_over_a_change_of_clocks(zone: str, start: str, expected: str) -> None:
    found = occurrences(read("FREQ=DAILY;COUNT=3"), local(zone, start), zone, None, LAST, 9)
    assert [at.strftime("%H:%M") for at in found] == expected.split()


def test_a_series_may_begin_with_the_second_of_two_equal_local_times() -> None:
    start = local("Europe/Paris", "2026-10-25T02:30", fold=1)
    found = occurrences(read("FREQ=DAILY;COUNT=2"), start, "Europe/Paris", None, LAST, 9)
    assert found == [start, local("Europe/Paris", "2026-10-26T02:30")]


def test_a_date_that_its_zone_leaves_out_is_not_meant_twice() -> None:
    start = local("Pacific/Apia", "2011-12-29T09:00")
    found = occurrences(read("FREQ=DAILY;COUNT=4"), start, "Pacific/Apia", None, LAST, 9)
    assert [at.astimezone(ZoneInfo("Pacific/Apia")).day for at in found] == [29, 31, 1]


def test_an_end_is_an_instant_or_a_local_date_and_counts_itself() -> None:
    start = local("Australia/Sydney", "2026-06-01T08:00")  # still the day before in UTC

    def days(end: str) -> list[int]:
        rule = read(f"FREQ=DAILY;UNTIL={end}")
        found = occurrences(rule, start, "Australia/Sydney", None, LAST, 100)
        return [at.astimezone(ZoneInfo("Australia/Sydney")).day for at in found]

    assert days("20260603") == [1, 2, 3]
    assert days("20260602T220000Z") == [1, 2, 3]
    assert days("20260602T215959Z") == [1, 2]


def test_months_without_the_day_are_left_out_and_weekdays_with_and_without_ordinals_go_together() -> None:
    def days(start: str, rule: str) -> list[str]:
        found = occurrences(read(rule), local("Europe/Paris", f"{start}T12:00"), "Europe/Paris", None, LAST, 6)
        return [at.strftime("%m-%d") for at in found]

    assert days("2026-01-31", "FREQ=MONTHLY;COUNT=4") == ["01-31", "03-31", "05-31", "07-31"]
    assert days("2026-02-02", "FREQ=MONTHLY;BYDAY=MO,1FR;COUNT=6") == [
        *("02-02", "02-06", "02-09", "02-16", "02-23", "03-02"),
    ]
    assert days("2026-03-23", "FREQ=MONTHLY;BYDAY=MO,1FR;COUNT=3") == ["03-23", "03-30", "04-03"]
    assert days("2026-03-30", "FREQ=MONTHLY;BYDAY=5MO;COUNT=3") == ["03-30", "06-29", "08-31"]
    assert days("2026-11-02", "FREQ=DAILY;BYDAY=MO,TU;COUNT=3") == ["11-02", "11-03", "11-09"]


@pytest.mark.parametrize(
    "garbage",
    [
        *("", ";", "RRULE:", "FREQ", "FREQ=", "FREQ=YEARLY", "FREQ=HOURLY", "FREQ=SECONDLY", "COUNT=3", "FREQ=DAILY;"),
        *("FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=501", "FREQ=DAILY;COUNT=-1"),
        *("FREQ=DAILY;COUNT=1.5", "FREQ=DAILY;COUNT=٣", "FREQ=DAILY;COUNT=" + "9" * 99, "FREQ=DAILY;INTERVAL=0"),
        *("FREQ=DAILY;INTERVAL=367", "FREQ=DAILY;COUNT=3;UNTIL=20260101", "FREQ=DAILY;UNTIL=20260230"),
        *("FREQ=DAILY;UNTIL=20260101T000000", "FREQ=DAILY;UNTIL=20260101T000061Z", "FREQ=DAILY;UNTIL=00000101"),
        *("FREQ=DAILY;UNTIL=2026-01-01", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=-1MO", "FREQ=MONTHLY;BYDAY=0MO"),
        *("FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=+MO", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=MO,"),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"),
        *(
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=DAILY;X-A=1",
            "FREQ=DAILY\r\nCOUNT=3",
            "FREQ=DAILY;COUNT=3\n",
            "FREQ=ДAILY",
            "FREQ=DAıLY",
        ),
        *("DTSTART:20260101\nRRULE:FREQ=DAILY", "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 99)),
    ],
)
def test_what_no_rule_is(garbage: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(garbage)
    assert refusal.value.code == "recurrence_invalid"


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        ("2026-11-02T09:00", "FREQ=DAILY;INTERVAL=7;BYDAY=TU"),  # never, however long it is looked for
        ("2026-11-02T09:00", "FREQ=WEEKLY;BYDAY=TU"),
        ("2026-11-02T09:00", "FREQ=MONTHLY;BYDAY=2MO"),
        ("2026-11-02T09:00", "FREQ=MONTHLY;BYDAY=-4MO"),
        ("2026-11-02T09:00", "FREQ=DAILY;UNTIL=20261101"),
        ("2026-11-02T09:00:00.5", "FREQ=DAILY"),
        ("2500-11-01T09:00", "FREQ=DAILY"),
    ],
)
def test_a_series_begins_on_its_rule(start: str, rule: str) -> None:
    with pytest.raises(Refusal) as refusal:
        occurrences(read(rule), local("Europe/Paris", start), "Europe/Paris", None, LAST, 10)
    assert refusal.value.code == "recurrence_invalid"


def test_what_seldom_or_never_recurs_is_not_looked_for_without_end() -> None:
    leap = local("Europe/Paris", "2024-02-29T09:00")  # also the last Thursday, the fifth
    for rule in ("FREQ=MONTHLY;INTERVAL=12", "FREQ=MONTHLY;INTERVAL=12;BYDAY=5TH", "FREQ=MONTHLY;INTERVAL=300"):
        found = occurrences(read(rule), leap, "Europe/Paris", leap, LAST, 2)
        assert all(at.astimezone(ZoneInfo("Europe/Paris")).day == 29 for at in found)


@given(st.text(max_size=60) | st.text("FREQDAILYWKMONTHCUBS=;,0123456789-+Z:", max_size=60))
@example("FREQ=DAILY;UNTIL=99991231T235959Z")
@settings(deadline=None, max_examples=200)
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    for candidate in (text, f"FREQ=DAILY;{text}"):
        try:
            rule = read(candidate)
        except Refusal:
            continue
        assert read(str(rule)) == rule


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(Frequency))
    ordinals = st.sampled_from([0, 1, 2, 5, -1, -2, -5]) if frequency is Frequency.MONTHLY else st.just(0)
    return Rule(
        frequency=frequency,
        interval=draw(st.sampled_from([1, 1, 2, 3, 12])),
        count=draw(st.none() | st.integers(1, 20)),
        days=tuple(draw(st.lists(st.tuples(ordinals, st.integers(0, 6)), unique=True, max_size=3))),
        week_start=draw(st.integers(0, 6)),
    )


@settings(deadline=None, max_examples=80)
@given(rules(), st.integers(0, 400), st.integers(10, 40), st.sampled_from(["Europe/Paris", "Australia/Lord_Howe"]))
def test_chunks_make_the_whole_and_every_date_is_on_the_rule(rule: Rule, day: int, limit: int, zone: str) -> None:
    assert read(str(rule)) == rule
    start = local(zone, f"{date(2026, 1, 1) + timedelta(days=day)}T02:15")
    if not on_rule(rule, start, start, zone):
        with pytest.raises(Refusal):
            occurrences(rule, start, zone, None, LAST, 1)
        return
    dates = (start_plus(start, zone, n) for n in range(400))
    by_hand = [at for at in dates if on_rule(rule, start, at, zone)][: rule.count]
    assert occurrences(rule, start, zone, None, start_plus(start, zone, 399), 1000) == by_hand
    chunks = [start]
    while chunk := occurrences(rule, start, zone, chunks[-1], start_plus(start, zone, 399), limit):
        chunks += chunk
    assert chunks == by_hand


def start_plus(start: datetime, zone: str, days: int) -> datetime:
    reads = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=days)
    return reads.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def on_rule(rule: Rule, start: datetime, at: datetime, zone: str) -> bool:
    """Each date looked at by itself, by what the RFC says of it."""
    first, day = start.astimezone(ZoneInfo(zone)).date(), at.astimezone(ZoneInfo(zone)).date()
    weeks = [one - timedelta(days=(one.weekday() - rule.week_start) % 7) for one in (first, day)]
    between = {
        Frequency.DAILY: (day - first).days,
        Frequency.WEEKLY: (weeks[1] - weeks[0]).days // 7,
        Frequency.MONTHLY: (day.year - first.year) * 12 + day.month - first.month,
    }[rule.frequency]
    if between % rule.interval:
        return False
    if not rule.days:
        return {
            Frequency.DAILY: True,
            Frequency.WEEKLY: day.weekday() == first.weekday(),
            Frequency.MONTHLY: day.day == first.day,
        }[rule.frequency]
    from_end = (monthrange(day.year, day.month)[1] - day.day) // 7 + 1
    return any((nth, day.weekday()) in rule.days for nth in (0, (day.day + 6) // 7, -from_end))
