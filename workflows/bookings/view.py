"""What an operator sees of a booking in the Temporal UI: when it is, what it waits for, how it ended."""

from datetime import datetime

from domain.bookings.rules import BookingStatus
from domain.bookings.state import BookingState

_AHEAD = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})


def due_as_shown_before(booking: BookingState) -> datetime | None:
    """When it starts."""
    return booking.starts_at if booking.status in _AHEAD else None


def facts(booking: BookingState) -> list[str]:
    """Its time and whom it takes, what it waits for, as lines of Markdown."""
    lines = [f"- **Time** {booking.starts_at:%Y-%m-%d %H:%M} to {booking.ends_at:%Y-%m-%d %H:%M} UTC"]
    if booking.team_member_id:
        lines.append(f"- **With** team member `{booking.team_member_id}`")
    if booking.series_id:
        lines.append(f"- **One of** `booking_series/{booking.series_id}`")
    if waits := _waits_for(booking):
        lines.append(f"- **Waits for** {waits}")
    if booking.cancel_code:
        lines.append(f"- **Cancelled** {booking.cancel_code.replace('_', ' ')}")
    return lines


def _waits_for(booking: BookingState) -> str | None:
    match booking.status:
        case BookingStatus.HELD:
            return "who has booked to confirm it"
        case BookingStatus.CONFIRMED:
            return "who is expected to check in" if booking.check_in else "its time"
        case BookingStatus.IN_PROGRESS:
            return "its end"
        case BookingStatus.COMPLETED if not booking.over:
            return "the time to write to who came"
        case _:
            return None
