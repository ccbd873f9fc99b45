"""What goes in and out of the customer routes."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.http.payloads import Payload, Stored, View
from api.identity.schemas.people import Email, OneLine
from domain.cases import CaseKind
from domain.customers.states import CustomerKind, CustomerStatus, KycStatus

TaxId = Annotated[OneLine, StringConstraints(max_length=40)]
Phone = Annotated[str, StringConstraints(max_length=40, pattern=r"^\+?[0-9 ()./-]{3,40}$")]
Address = Annotated[Stored, StringConstraints(min_length=1, max_length=500)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DZ"], description="ISO 3166-1 alpha-2")]


class CustomerBody(Payload):
    """An individual has a name; a company a company name, and a name of its own only when people call it otherwise."""

    type: CustomerKind
    name: OneLine | None = None
    company_name: OneLine | None = None
    tax_id: TaxId | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: Address | None = None
    country: Country | None = None
    sla_policy_id: UUID | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.type is CustomerKind.CORPORATE and self.company_name is None:
            raise ValueError("a corporate customer needs a company_name")
        if self.type is CustomerKind.INDIVIDUAL and self.name is None:
            raise ValueError("an individual customer needs a name")
        return self


class EditCustomerBody(Payload):
    """What is left out stays as it is; null takes away what a customer can be without."""

    name: OneLine | None = None
    company_name: OneLine | None = None
    tax_id: TaxId | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: Address | None = None
    country: Country | None = None
    sla_policy_id: UUID | None = None


class CustomerView(View):
    """A customer; all times are UTC."""

    id: UUID
    type: Annotated[CustomerKind, Field(validation_alias="kind")]
    status: CustomerStatus
    name: str
    company_name: str | None
    tax_id: str | None
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    sla_policy_id: UUID | None
    kyc_status: KycStatus
    suspended_at: datetime | None
    suspended_reason: str | None
    created_at: datetime
    updated_at: datetime


class CaseOfCustomerView(View):
    """One of a customer's cases; `title` is what people say that it is about, `total` an amount in minor units of the
    `currency`, `moment` until when something is to happen, or when it does."""

    kind: CaseKind
    id: UUID
    number: str
    title: str | None
    status: str
    status_since: datetime
    created_at: datetime
    is_open: bool
    total: int | None
    currency: str | None
    moment: datetime | None


class TicketCounts(View):
    total: int
    open: int
    by_status: dict[str, int]
    by_priority: dict[str, int]
    breached: int


class CustomerStatisticsView(View):
    """What a customer has with us: `open` tickets are all that are not closed."""

    customer_id: UUID
    users: int
    tickets: TicketCounts
    last_ticket_at: datetime | None


class CustomersStatisticsView(View):
    """The tenant's customers, counted."""

    total: int
    by_status: dict[str, int]
    by_type: dict[str, int]
    by_kyc_status: dict[str, int]
