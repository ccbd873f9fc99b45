"""What may become of a series of bookings."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.bookings.settings import BookingSettings
from domain.cases import BEFORE_ALL, CaseKind, CaseState

AHEAD = timedelta(days=60)
"""How far ahead the bookings of a series are made."""
EXTENDED_EVERY = timedelta(days=7)
AT_ONCE = 25
"""How many bookings one step of a series opens or calls off."""


class SeriesStatus(StrEnum):
    """`active` while there is something to book or to call off, `ended` once all of it is booked."""

    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"


class OnConflict(StrEnum):
    """What becomes of a series of which a time is taken: that time is left out, or there is no series."""

    SKIP = "skip"
    FAIL = "fail"


class SeriesEvent(StrEnum):
    OPENED = "opened"
    EXTENDED = "extended"
    BOOKINGS_OPENED = "bookings_opened"
    CANCELLED = "cancelled"
    BOOKINGS_CANCELLED = "bookings_cancelled"
    ENDED = "ended"


_S = SeriesStatus
TRANSITIONS = {
    _S.ACTIVE: frozenset({_S.ENDED, _S.CANCELLED}),
    _S.ENDED: frozenset({_S.CANCELLED}),
    _S.CANCELLED: frozenset[_S](),
}


@dataclass(frozen=True, kw_only=True)
class SeriesState(CaseState):
    """`through_at` is until when it has been booked; `opened` counts the bookings of those that have been opened."""

    kind = CaseKind.BOOKING_SERIES
    transitions = TRANSITIONS
    settled = ("series_over", "This series is over.")

    status: SeriesStatus = SeriesStatus.ACTIVE
    service_id: UUID | None = None
    requester_id: UUID | None = None
    starts_at: datetime = BEFORE_ALL
    through_at: datetime | None = None
    occurrences: int = 0
    opened: int = 0
    cancel_from: int | None = None
    cancelled: int = 0
    settings: BookingSettings = field(default_factory=BookingSettings)
