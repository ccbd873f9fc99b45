"""What goes in and out of the routes of bookings. Amounts are whole minor units of the service's currency."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, StringConstraints

from api.bookings.promo_code_schemas import Code
from api.http.payloads import OfEveryCase, Payload, Reason, Stored, UtcTime, View
from api.http.telephone import PhoneNumber
from api.identity.schemas.people import OneLine
from domain.bookings.rules import BookingStatus, BookingType

_FIRST_YEAR, _YEAR_AFTER = 1970, 3000


def _planned(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year < _YEAR_AFTER:
        raise ValueError(f"must lie in the years {_FIRST_YEAR} to {_YEAR_AFTER - 1}")
    return moment


# Days before and after it are looked at too, and they must be in the calendar.
PlannedTime = Annotated[UtcTime, AfterValidator(_planned)]
Notes = Annotated[Stored, StringConstraints(min_length=1, max_length=2_000)]


class GuestBody(Payload):
    """Somebody without an account."""

    name: OneLine
    email: EmailStr
    phone: PhoneNumber | None = None


class BookingBody(Payload):
    """Staff say for whom they book: a customer, or somebody whom they have not had yet."""

    service_id: UUID
    start: PlannedTime
    team_member_id: Annotated[UUID | None, Field(description="With nobody in particular when left out")] = None
    type: BookingType = BookingType.STANDARD
    customer_id: UUID | None = None
    guest: GuestBody | None = None
    notes: Notes | None = None
    promo_code: Code | None = None


class GuestBookingBody(Payload):
    """The link that confirms it is mailed to the guest's address."""

    service_id: UUID
    start: PlannedTime
    guest: GuestBody
    team_member_id: UUID | None = None
    type: BookingType = BookingType.STANDARD
    notes: Notes | None = None
    promo_code: Code | None = None


class MoveBookingBody(Payload):
    """Without a member it stays with the same one where that one is free, else with anybody."""

    start: PlannedTime
    team_member_id: UUID | None = None


class CancelBookingBody(Payload):
    reason: Reason


class PriceLineView(View):
    """What a part of the price is for; `rate_bp` is the rate by which it came about."""

    kind: str
    amount: int
    rate_bp: int | None = None


class BookingView(OfEveryCase):
    """A booking; `held_until_at` is when its place is free again, if it is not confirmed by then."""

    status: BookingStatus
    type: BookingType
    customer_id: UUID
    requester_id: UUID | None
    service_id: UUID
    team_member_id: UUID
    series_id: UUID | None
    position: int | None
    starts_at: datetime
    ends_at: datetime
    currency: str
    total: int
    price_lines: list[PriceLineView]
    notes: str | None
    held_until_at: datetime | None
    confirmed_at: datetime | None
    cancel_code: str | None


class PublicBookingView(View):
    """A booking as who holds its link reads it."""

    number: str
    status: BookingStatus
    type: BookingType
    service_id: UUID
    team_member_id: UUID
    starts_at: datetime
    ends_at: datetime
    currency: str
    total: int
    price_lines: list[PriceLineView]
    held_until_at: datetime | None
    version: int


class PublicServiceView(View):
    """What can be booked; prices are in minor units of `currency`, for a booking or for an hour of it."""

    id: UUID
    name: str
    description: str | None
    timezone: str
    duration_minutes: int
    capacity: int
    booking_types: list[BookingType]
    currency: str
    base_price: int | None
    hourly_price: int | None


class SlotView(View):
    """A time that can be booked; `local_start` is what clocks show in the zone that was asked for. `price` is that of a
    standard booking."""

    start: datetime
    end: datetime
    local_start: datetime
    local_end: datetime
    team_member_ids: list[UUID]
    seats_left: int
    price: int


class AvailabilityView(View):
    timezone: str
    currency: str
    slots: list[SlotView]


class CalendarAddressView(View):
    """Where a calendar reads one's bookings: whoever knows the address can."""

    address: str
