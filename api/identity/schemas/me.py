"""What a person is told about themselves."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.http.payloads import Payload, View
from api.identity.schemas.people import Locale, OneLine, TimeZone
from domain.customers.states import CustomerStatus
from domain.people.accounts import Density, SingleKeys, Theme


class OwnUserView(View):
    """`theme`, `density` and `single_keys` say how the pages look and are used: null is what is usual."""

    id: UUID
    email: str
    full_name: str
    locale: str | None
    timezone: str | None
    theme: Theme | None
    density: Density | None
    single_keys: SingleKeys | None
    email_verified: bool
    platform_role: str | None
    away: bool


class OwnTenantView(View):
    id: UUID
    slug: str
    name: str
    locale: str
    timezone: str
    currency: str


class OwnCustomerView(View):
    id: UUID
    name: str
    status: CustomerStatus


class MembershipView(View):
    """A tenant that the account can switch to."""

    tenant: str
    name: str
    customer_id: UUID | None
    active: bool


class MeView(View):
    """The caller, and what the caller may do. `entitlements` and `flags` come from the tenant's settings."""

    user: OwnUserView
    tenant: OwnTenantView
    customer: OwnCustomerView | None
    roles: list[str]
    permissions: list[str]
    memberships: list[MembershipView]
    entitlements: dict[str, Any]
    flags: dict[str, Any]


class EditMeBody(Payload):
    full_name: OneLine | None = None
    locale: Annotated[Locale | None, Field(description="As `fr` or `fr-DZ`; null for the tenant's.")] = None
    timezone: Annotated[TimeZone | None, Field(description="Of the times one reads; null for the tenant's.")] = None
    theme: Annotated[Theme | None, Field(description="Of the pages; null for the device's.")] = None
    density: Annotated[Density | None, Field(description="Of the pages; null for the usual one.")] = None
    single_keys: Annotated[SingleKeys | None, Field(description="`off`: no key alone does anything.")] = None
