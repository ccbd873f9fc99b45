"""What may become of a booking, and who may still move it or call it off."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases import Party
from domain.refusal import Refusal

CHECK_IN_BEFORE = timedelta(hours=1)
"""How long before its start somebody may come."""
MOST_HELD, MOST_HELD_BY_GUEST = 5, 2
"""How many places one customer may hold at once without confirming one."""


class BookingStatus(StrEnum):
    """`held` keeps its place until it is confirmed, `pending` waits for staff to confirm it."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class BookingType(StrEnum):
    STANDARD = "standard"
    RECURRING = "recurring"
    EMERGENCY = "emergency"
    CONSULTATION = "consultation"


class CancelCode(StrEnum):
    """Why a booking was cancelled."""

    BY_CUSTOMER = "by_customer"
    BY_STAFF = "by_staff"
    NOT_CONFIRMED = "not_confirmed"
    SERIES = "series"


_S = BookingStatus

TRANSITIONS: dict[BookingStatus, frozenset[BookingStatus]] = {
    _S.HELD: frozenset({_S.PENDING, _S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.PENDING: frozenset({_S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset({_S.PENDING, _S.IN_PROGRESS, _S.COMPLETED, _S.NO_SHOW, _S.CANCELLED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED, _S.NO_SHOW, _S.CANCELLED}),
    _S.COMPLETED: frozenset(),
    _S.NO_SHOW: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}

WAITS_FOR: dict[BookingStatus, Party] = {
    _S.HELD: Party.CUSTOMER,
    _S.PENDING: Party.US,
    _S.CONFIRMED: Party.TIME,
    _S.IN_PROGRESS: Party.TIME,
    _S.COMPLETED: Party.TIME,
}
"""Who has come is written to later."""

MOVABLE = frozenset({_S.HELD, _S.PENDING, _S.CONFIRMED})
LET_GO = frozenset({_S.CANCELLED, _S.EXPIRED})
"""Those that give their place back; of the others it is known who had it."""

SLOT_CODES = frozenset(
    {
        *("slot_taken", "day_full", "member_away", "slot_off_grid", "slot_outside_hours", "blackout"),
        *("slot_in_past", "too_soon", "too_far_ahead"),
    }
)
"""Why there is no place at a time: of another time it may not be so."""

_SETTLED = {
    _S.COMPLETED: ("booking_completed", "This booking is over."),
    _S.NO_SHOW: ("booking_no_show", "Nobody came to this booking."),
    _S.CANCELLED: ("booking_cancelled", "This booking has been cancelled."),
    _S.EXPIRED: ("booking_expired", "This booking was not confirmed in time."),
}


def transition(current: BookingStatus, to: BookingStatus) -> BookingStatus:
    """Returns `to` when a booking in `current` may become it.

    Raises Refusal: `booking_completed`, `booking_no_show`, `booking_cancelled`, `booking_expired`, else
    `booking_not_ready`.
    """
    if to in TRANSITIONS[current]:
        return to
    raise Refusal(*_SETTLED.get(current, ("booking_not_ready", f"A booking that is {current} cannot become {to}.")))


def require_confirmable(status: BookingStatus, *, by_customer: bool) -> None:
    """Raises Refusal `nothing_changes` for what is confirmed, or waits for staff while a customer asks; and as
    `transition`."""
    if status in (_S.CONFIRMED, _S.IN_PROGRESS) or (by_customer and status is _S.PENDING):
        raise Refusal("nothing_changes", "You have confirmed this booking already.")
    transition(status, _S.CONFIRMED)


def require_movable(status: BookingStatus, starts_at: datetime, now: datetime) -> None:
    """Raises Refusal `booking_begun` once its time has come, and as `transition`."""
    if status not in MOVABLE:
        transition(status, _S.CONFIRMED)
        raise Refusal("booking_begun", "This booking has begun.")
    if starts_at <= now:
        raise Refusal("booking_begun", "The time of this booking has come.")


def require_cancellable(status: BookingStatus, starts_at: datetime, now: datetime, *, by_customer: bool) -> None:
    """Raises Refusal `booking_begun` for a customer who comes too late, and as `transition`."""
    transition(status, _S.CANCELLED)
    if by_customer and (status is _S.IN_PROGRESS or starts_at <= now):
        raise Refusal("booking_begun", "The time of this booking has come: ask for its cancellation.")


def require_arrived(status: BookingStatus, starts_at: datetime, now: datetime) -> None:
    """Raises Refusal `booking_too_early` for who comes long before the time, and as `transition`."""
    transition(status, _S.IN_PROGRESS)
    if now < starts_at - CHECK_IN_BEFORE:
        raise Refusal("booking_too_early", "The time of this booking is more than an hour away.")


def require_begun(status: BookingStatus, to: BookingStatus, starts_at: datetime, now: datetime) -> None:
    """Raises Refusal `booking_not_begun` for what can be said only once its time has come, and as `transition`."""
    transition(status, to)
    if status is not _S.IN_PROGRESS and now < starts_at:
        raise Refusal("booking_not_begun", "The time of this booking has not come yet.")


def require_offered(type_: BookingType, offered: Collection[str]) -> None:
    """Raises Refusal `type_not_offered` for a type that the service is not booked as."""
    if type_ not in offered:
        raise Refusal("type_not_offered", f"This service is not booked as {type_}.")


def require_few_held(held: int, most: int) -> None:
    """Raises Refusal `too_many_held` for who keeps places from others without confirming them."""
    if held >= most:
        raise Refusal("too_many_held", "Confirm what is held for you already, or cancel it.")
