"""Reminders come before their time, and never in somebody's quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bookings.reminders import LEAST_BEFORE, QuietHours, moments

NIGHT = QuietHours(time(22), time(7))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
ZONES = ("Africa/Algiers", "Europe/Paris", "America/New_York", "Australia/Lord_Howe")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "hours", "reminded"),
    [
        ("2026-12-01T12:00", (24, 2), ["2026-11-30T12:00", "2026-12-01T10:00"]),
        ("2026-12-01T12:00", (2, 2), ["2026-12-01T10:00"]),
        ("2026-12-01T12:00", (), []),
        # In the night before: at its end.
        ("2026-12-01T09:00", (3,), ["2026-12-01T07:00"]),
        # Its end is too late: before it begins.
        ("2026-12-01T07:30", (2,), ["2026-11-30T21:59:59"]),
        # Both fall upon its end: once.
        ("2026-12-01T12:00", (6, 7), ["2026-12-01T07:00"]),
    ],
)
def test_when_people_are_reminded(starts_at: str, hours: tuple[int, ...], reminded: list[str]) -> None:
    assert moments(at(starts_at), hours, "UTC", NIGHT) == tuple(at(each) for each in reminded)


def test_quiet_hours_are_those_of_the_persons_zone() -> None:
    starts_at = at("2026-12-01T12:00")
    assert moments(starts_at, (12,), "UTC", NIGHT) == (at("2026-12-01T07:00"),)
    assert moments(starts_at, (12,), "America/New_York", NIGHT) == (at("2026-12-01T00:00"),)
    assert moments(starts_at, (12,), "UTC", None) == (at("2026-12-01T00:00"),)


@given(
    starts_at=st.integers(0, 730 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    hours=st.lists(st.integers(1, 336), max_size=5),
    zone=st.sampled_from(ZONES),
    begins=TIMES,
    ends=TIMES,
)
def test_none_is_late_and_none_in_quiet_hours(
    starts_at: datetime, hours: list[int], zone: str, begins: time, ends: time
) -> None:
    quiet = QuietHours(begins, ends)
    found = moments(starts_at, hours, zone, quiet)
    assert len(found) <= len(set(hours))
    assert list(found) == sorted(set(found))
    for moment in found:
        assert moment <= starts_at - min(LEAST_BEFORE, timedelta(hours=min(hours)))
        assert quiet.around(moment, ZoneInfo(zone)) is None
