"""What goes in and out of the routes of bookings. Amounts are whole minor units of the service's currency."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints, model_validator

from api.bookings.promo_code_schemas import Code
from api.http.hours import Moment
from api.http.payloads import OfEveryCase, Payload, Stored, View
from api.http.telephone import PhoneNumber
from api.identity.schemas.people import OneLine
from domain.bookings.recurrence import LONGEST_TEXT
from domain.bookings.rules import BookingStatus, BookingType
from domain.bookings.series import OnConflict

Notes = Annotated[Stored, StringConstraints(min_length=1, max_length=2_000)]
Rule = Annotated[
    Stored,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT),
    Field(description="RFC 5545: daily, weekly or monthly", examples=["FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12"]),
]


class GuestBody(Payload):
    """Somebody without an account."""

    name: OneLine
    email: EmailStr
    phone: PhoneNumber | None = None


class RecurrenceBody(Payload):
    """By which rule it recurs, and what becomes of it when one of its times is taken."""

    rule: Rule
    on_conflict: OnConflict = OnConflict.SKIP


class BookingBody(Payload):
    """Staff say for whom they book: a customer, or somebody whom they have not had yet. What has a `recurrence` is a
    series, of which `start` is the first time; promo codes are not for series, nor is a type besides `recurring`."""

    service_id: UUID
    start: Moment
    team_member_id: Annotated[UUID | None, Field(description="With nobody in particular when left out")] = None
    type: BookingType = BookingType.STANDARD
    customer_id: UUID | None = None
    guest: GuestBody | None = None
    notes: Notes | None = None
    promo_code: Code | None = None
    recurrence: RecurrenceBody | None = None

    @model_validator(mode="after")
    def _once_or_again(self) -> Self:
        if self.recurrence and self.promo_code:
            raise ValueError("a series has no promo_code")
        if self.recurrence and self.type not in (BookingType.STANDARD, BookingType.RECURRING):
            raise ValueError("the bookings of a series are of the type recurring")
        return self


class GuestBookingBody(Payload):
    """The link that confirms it is mailed to the guest's address."""

    service_id: UUID
    start: Moment
    guest: GuestBody
    team_member_id: UUID | None = None
    type: BookingType = BookingType.STANDARD
    notes: Notes | None = None
    promo_code: Code | None = None


class MoveBookingBody(Payload):
    """Without a member it stays with the same one where that one is free, else with anybody."""

    start: Moment
    team_member_id: UUID | None = None


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
    """A booking as who holds its link reads it: what, with whom, and when on the clocks of `timezone`."""

    number: str
    tenant: str
    tenant_name: str
    service_name: str
    timezone: str
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
