"""What a diary says of the people whose time it holds."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.bookings.availability import ServiceTerms, Taken
from domain.calendar import BusinessCalendar
from models.services import Service
from stores.bookings.diary import Diary

ADA, BEN, SERVICE = UUID(int=1), UUID(int=2), UUID(int=3)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


def _taken(member: UUID, start: datetime, seats: int = 1) -> Taken:
    return Taken(member, SERVICE, 0, start, start + AN_HOUR, start, start + AN_HOUR, seats, seats)


def test_what_other_days_hold_is_no_load_of_this_day() -> None:
    tomorrow = [_taken(ADA, NOON + A_DAY + hour * AN_HOUR) for hour in range(5)]
    today = [_taken(ADA, NOON), _taken(BEN, NOON), _taken(BEN, NOON + AN_HOUR, seats=3)]
    terms = ServiceTerms(60, BusinessCalendar("UTC", always_open=True))
    diary = Diary(Service(), terms, (), (*tomorrow, *today), Counter())
    assert diary.load(NOON + 3 * AN_HOUR) == {ADA: 1, BEN: 4}
    assert diary.load(NOON - A_DAY) == {}


def test_a_day_is_the_services() -> None:
    terms = ServiceTerms(60, BusinessCalendar("Australia/Sydney", always_open=True))
    diary = Diary(Service(), terms, (), (_taken(ADA, NOON), _taken(BEN, NOON + 3 * AN_HOUR)), Counter())
    assert (diary.load(NOON), diary.load(NOON + 2 * AN_HOUR)) == ({ADA: 1}, {BEN: 1})
