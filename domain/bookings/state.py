"""A booking as its workflow knows it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.bookings.rules import TRANSITIONS, WAITS_FOR, BookingStatus, transition
from domain.bookings.settings import BookingSettings
from domain.cases import BEFORE_ALL, CaseKind, CaseState


@dataclass(frozen=True, kw_only=True)
class BookingState(CaseState):
    """Times are in UTC. A place is held until `held_until_at`. `sequence` counts the invitations that calendars were
    sent. `remind_at` are the moments of all reminders, of which those until `reminded_at` are done with.

    The service says whether staff confirm its bookings (`auto_confirm` false), and whether who comes checks in.
    """

    kind = CaseKind.BOOKING
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    status: BookingStatus = BookingStatus.HELD
    requester_id: UUID | None = None
    team_member_id: UUID | None = None
    series_id: UUID | None = None
    starts_at: datetime = BEFORE_ALL
    ends_at: datetime = BEFORE_ALL
    held_until_at: datetime | None = None
    confirmed_at: datetime | None = None
    sequence: int = 0
    reminded_at: datetime | None = None
    followed_up_at: datetime | None = None
    cancel_code: str | None = None
    auto_confirm: bool = True
    check_in: bool = False
    remind_at: tuple[datetime, ...] = ()
    settings: BookingSettings = field(default_factory=BookingSettings)

    @property
    def owed_by(self) -> datetime | None:
        """What is confirmed is owed when it starts; who has to check in is waited for until they are no-shows."""
        if self.status is not BookingStatus.CONFIRMED:
            return None
        return self.starts_at + timedelta(minutes=self.settings.no_show_minutes if self.check_in else 0)

    @property
    def over(self) -> bool:
        """Nothing can happen any more: who has come has been written to as well."""
        follows = self.status is BookingStatus.COMPLETED and self.followed_up_at is None
        return not TRANSITIONS[self.status] and not follows
