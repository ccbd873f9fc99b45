"""What goes in and out of the routes of promo codes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.bookings.team_schemas import ServiceIds
from api.http.money import Currency
from api.http.payloads import Payload, UtcTime, View

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9-]+$", to_upper=True),
    Field(examples=["WELCOME10"]),
]
Percent = Annotated[int, Field(ge=1, le=10_000, description="Taken off, in basis points: 1000 is 10 %")]
Amount = Annotated[int, Field(ge=1, le=10**12, description="Taken off, in minor units of `currency`")]
Uses = Annotated[int, Field(ge=1, le=1_000_000, description="How many bookings may have it")]


class EditPromoCodeBody(Payload):
    """What is left out stays as it is; null takes a limit away."""

    code: Code | None = None
    percent_bp: Percent | None = None
    amount: Amount | None = None
    currency: Annotated[Currency | None, Field(description="Of the amount; else the tenant's")] = None
    valid_from: UtcTime | None = None
    valid_until: UtcTime | None = None
    max_uses: Uses | None = None
    service_ids: Annotated[ServiceIds | None, Field(description="Without any it is good for all services")] = None


class PromoCodeBody(EditPromoCodeBody):
    """A code with either a percentage or an amount, as customers type it, in capital or small letters."""

    code: Code
    service_ids: ServiceIds = []


class PromoCodeView(View):
    """A code; `used` counts the bookings that have it."""

    id: UUID
    code: str
    percent_bp: int | None
    amount: int | None
    currency: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    max_uses: int | None
    used: int
    service_ids: list[UUID]
    created_at: datetime
