"""What is owed of a booking, and by when."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.bookings.rules import BookingStatus
from domain.bookings.settings import BookingSettings
from domain.bookings.state import BookingState

START = datetime(2026, 12, 1, 12, tzinfo=UTC)
CONFIRMED = BookingStatus.CONFIRMED


@pytest.mark.parametrize(
    ("status", "check_in", "owed_by"),
    [
        (CONFIRMED, False, START),
        (CONFIRMED, True, START + timedelta(minutes=20)),
        *((status, False, None) for status in BookingStatus if status is not CONFIRMED),
    ],
)
def test_what_is_confirmed_is_owed_when_it_starts(
    status: BookingStatus, check_in: bool, owed_by: datetime | None
) -> None:
    settings = BookingSettings(no_show_minutes=20)
    booking = BookingState(status=status, starts_at=START, check_in=check_in, settings=settings)
    assert booking.owed_by == owed_by
