"""What goes in and out of the routes of services."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from api.catalogue.schemas import Description
from api.http.hours import Day, TimeOfDay, Timezone, Weekday, WindowBody, Windows
from api.http.money import Currency, Minor
from api.http.payloads import Name, Payload, View
from domain.bookings.rules import BookingType

Length = Annotated[int, Field(ge=5, le=10_080, description="Minutes")]
Buffer = Annotated[int, Field(ge=0, le=1_440, description="Minutes that are kept free")]
Notice = Annotated[int, Field(ge=0, le=525_600, description="How many minutes ahead it is booked at the latest")]
Advance = Annotated[int, Field(ge=0, le=3_650, description="How many days ahead it is booked at the earliest")]
Seats = Annotated[int, Field(ge=1, le=10_000, description="How many bookings one appointment has room for")]
Multiplier = Annotated[int, Field(ge=10_000, le=1_000_000, description="In basis points: 15000 is half as much again")]
WeekendDays = Annotated[list[Weekday], AfterValidator(lambda days: sorted(set(days)))]
Cap = Annotated[int, Field(ge=1, le=10_000, description="How many appointments begin on one day at most")]
Surcharge = Annotated[int, Field(ge=0, le=100_000, description="In basis points: 2500 is 25 % more")]
Days = Annotated[list[Day], Field(max_length=400), AfterValidator(lambda days: sorted(set(days)))]
Types = Annotated[
    list[BookingType],
    Field(min_length=1),
    AfterValidator(lambda types: sorted(set(types), key=list(BookingType).index)),
]


class PeakBody(Payload):
    """Hours in which it costs more, on these weekdays."""

    weekdays: Annotated[list[Weekday], Field(min_length=1), AfterValidator(lambda days: sorted(set(days)))]
    opens: TimeOfDay
    closes: TimeOfDay
    surcharge_bp: Surcharge


Peak = Annotated[list[PeakBody], Field(max_length=20)]


class EditServiceBody(Payload):
    """What is left out stays as it is."""

    name: Name | None = None
    description: Description | None = None
    bookable: Annotated[bool | None, Field(description="Whether customers see it and book it")] = None
    timezone: Annotated[Timezone | None, Field(description="Of its hours, days and prices")] = None
    duration_minutes: Length | None = None
    slot_minutes: Annotated[Length | None, Field(description="How far its starts lie apart")] = None
    capacity: Seats | None = None
    min_notice_minutes: Notice | None = None
    max_advance_days: Advance | None = None
    daily_cap: Cap | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    windows: Annotated[Windows | None, Field(description="When it is given")] = None
    observes_holidays: bool | None = None
    blackouts: Annotated[Days | None, Field(description="Days on which it is not given")] = None
    booking_types: Types | None = None
    currency: Currency | None = None
    base_price: Annotated[Minor | None, Field(description="Of a booking; or it has an `hourly_price`")] = None
    hourly_price: Annotated[Minor | None, Field(description="Of an hour of it; or it has a `base_price`")] = None
    peak: Peak | None = None
    weekend_bp: Surcharge | None = None
    weekend_days: WeekendDays | None = None
    emergency_bp: Multiplier | None = None
    auto_confirm: Annotated[bool | None, Field(description="Else staff confirm each booking")] = None
    check_in: Annotated[bool | None, Field(description="Whether who comes is checked in")] = None


class ServiceBody(EditServiceBody):
    """Without a timezone or a currency it has the tenant's. Its starts lie as far apart as it is long, unless
    `slot_minutes` says otherwise."""

    name: Name
    bookable: bool = True
    duration_minutes: Length
    capacity: Seats = 1
    min_notice_minutes: Notice = 0
    max_advance_days: Advance = 90
    buffer_before_minutes: Buffer = 0
    buffer_after_minutes: Buffer = 0
    windows: Windows
    observes_holidays: bool = True
    blackouts: Days = []
    booking_types: Types = [BookingType.STANDARD]
    peak: Peak = []
    weekend_bp: Surcharge = 0
    weekend_days: WeekendDays = [5, 6]
    emergency_bp: Multiplier = 10_000
    auto_confirm: bool = True
    check_in: bool = False


class ServiceView(View):
    """A service for those who book it. Prices are in minor units of its currency, one of the two is null."""

    id: UUID
    name: str
    description: str | None
    timezone: str
    duration_minutes: int
    slot_minutes: int
    capacity: int
    min_notice_minutes: int
    max_advance_days: int
    windows: list[WindowBody]
    observes_holidays: bool
    blackouts: list[date]
    booking_types: list[BookingType]
    currency: str
    base_price: int | None
    hourly_price: int | None
    peak: list[PeakBody]
    weekend_bp: int
    weekend_days: list[int]
    emergency_bp: int
    auto_confirm: bool
    check_in: bool


class StaffServiceView(ServiceView):
    """A service for the people of the tenant."""

    bookable: bool
    daily_cap: int | None
    buffer_before_minutes: int
    buffer_after_minutes: int
    created_at: datetime
    updated_at: datetime
