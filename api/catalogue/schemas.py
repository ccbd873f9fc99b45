"""What goes in and out of the catalogue's routes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.money import BasisPoints, Currency, Minor
from api.http.payloads import Payload, Stored, View
from api.identity.schemas.people import OneLine

Sku = Annotated[OneLine, StringConstraints(max_length=60)]
Description = Annotated[Stored, StringConstraints(min_length=1, max_length=5_000)]


class ProductBody(Payload):
    """Without a currency it is sold in the tenant's; without a rate it has the tenant's usual one."""

    sku: Sku
    name: OneLine
    description: Description | None = None
    unit_price: Minor
    currency: Currency | None = None
    tax_rate_bp: BasisPoints | None = None
    visible: Annotated[bool, Field(description="Whether customers see it")] = True


class EditProductBody(Payload):
    """What is left out stays as it is; a product can be without a description only."""

    sku: Sku | None = None
    name: OneLine | None = None
    description: Description | None = None
    unit_price: Minor | None = None
    currency: Currency | None = None
    tax_rate_bp: BasisPoints | None = None
    visible: bool | None = None


class ProductView(View):
    """A product; its price is in minor units of its currency, without tax."""

    id: UUID
    sku: str
    name: str
    description: str | None
    unit_price: int
    currency: str
    tax_rate_bp: int
    visible: bool
    created_at: datetime
    updated_at: datetime
