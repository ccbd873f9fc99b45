"""What a tenant may set about its bookings."""

from dataclasses import dataclass

from domain.settings import TenantSettings


@dataclass(frozen=True)
class BookingSettings(TenantSettings):
    """A place is held for `hold_minutes` until its booking is confirmed. Staff have `confirm_hours` for theirs. Who has
    not come `no_show_minutes` after the start is not waited for, where the service asks for a check-in. Who came is
    written to `follow_up_hours` after the end; None for never.

    `remind_hours_before` holds for everybody who has not chosen otherwise.
    """

    section = "bookings"

    hold_minutes: int = 10
    confirm_hours: int = 24
    no_show_minutes: int = 15
    follow_up_hours: int | None = 24
    remind_hours_before: tuple[int, ...] = (24, 2)
