"""What a booking is asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.bookings.rules import CancelCode
from domain.bookings.settings import BookingSettings
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenBooking(Command):
    """When, and with whom where somebody is named. `by_guest` writes to whoever books without an account; staff, who
    book for others, may hold as many places as they like.

    A booking of a series has its place already, and is not held first; staff have `confirm_hours` to confirm it, unless
    it is `auto_confirm`.
    """

    start: datetime
    team_member_id: UUID | None = None
    by_guest: bool = False
    by_staff: bool = False
    series_id: UUID | None = None
    auto_confirm: bool = True
    confirm_hours: int = BookingSettings.confirm_hours


@dataclass(frozen=True, kw_only=True)
class ConfirmBooking(Command):
    by_customer: bool = False


@dataclass(frozen=True, kw_only=True)
class MoveBooking(Command):
    start: datetime
    team_member_id: UUID | None = None
    by_customer: bool = False


@dataclass(frozen=True, kw_only=True)
class CancelBooking(Command):
    code: CancelCode = CancelCode.BY_CUSTOMER


@dataclass(frozen=True, kw_only=True)
class CancelSeries(Command):
    """Everything of the series from this position on."""

    from_position: int = 1
