"""What may become of a series of bookings, and what its workflow knows of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.bookings.settings import BookingSettings
from domain.cases import BEFORE_ALL, CaseKind, CaseState, Party
from domain.refusal import Refusal

AHEAD = timedelta(days=60)
"""How far ahead an open-ended series is booked at least."""
EXTENDED_EVERY = timedelta(days=7)
AT_ONCE = 25
"""How many bookings one step of a series opens or calls off."""


class SeriesStatus(StrEnum):
    """`ended` once all of it is booked: its bookings go their own ways."""

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


_S = SeriesStatus
TRANSITIONS = {
    _S.ACTIVE: frozenset({_S.ENDED, _S.CANCELLED}),
    _S.ENDED: frozenset({_S.CANCELLED}),
    _S.CANCELLED: frozenset({_S.CANCELLED}),
}

WAITS_FOR = {_S.ACTIVE: Party.TIME, _S.ENDED: Party.MACHINE, _S.CANCELLED: Party.MACHINE}
"""Of one that is over there are bookings left to be opened or called off."""


@dataclass(frozen=True, kw_only=True)
class SeriesState(CaseState):
    """Positions count the times at which the rule comes true, from 1. Those up to `occurrences` have been booked or
    skipped, what is booked of those up to `opened` has been opened. From `cancel_from` on it is called off, and has
    been up to `cancelled`. `extend_at` is when the next ones are booked."""

    kind = CaseKind.BOOKING_SERIES
    transitions = TRANSITIONS
    waits_for = WAITS_FOR
    settled = ("series_over", "This series is over.")

    status: SeriesStatus = SeriesStatus.ACTIVE
    requester_id: UUID | None = None
    starts_at: datetime = BEFORE_ALL
    extend_at: datetime | None = None
    occurrences: int = 0
    opened: int = 0
    cancel_from: int | None = None
    cancelled: int = 0
    settings: BookingSettings = field(default_factory=BookingSettings)

    @property
    def opens_more(self) -> bool:
        """Whether a booking of it may still wait for being opened."""
        return self.opened < self.occurrences

    @property
    def cancels_more(self) -> bool:
        """Whether a booking of it may still wait for being called off."""
        return self.cancel_from is not None and self.cancelled < self.occurrences

    @property
    def over(self) -> bool:
        return self.status is not _S.ACTIVE and not self.opens_more and not self.cancels_more

    def cancelled_from(self, position: int, at: datetime) -> "SeriesState":
        """The series without what comes from this position on. Raises Refusal `series_over` when nothing of that is
        left."""
        if self.cancel_from is not None and position >= self.cancel_from:
            raise self._over()
        to = self.becomes(_S.CANCELLED, at)
        return replace(to, cancel_from=position, cancelled=position - 1, extend_at=None)

    def _over(self) -> Refusal:
        return Refusal(*self.settled)
