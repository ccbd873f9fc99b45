"""What goes in and out of the routes of users, roles and tenants."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.money import Currency
from api.http.payloads import Name, Payload, View
from api.identity.schemas.people import Email, Locale, OneLine, Slug, TimeZone
from domain.people.permissions import Permission

RoleKey = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]
RoleKeys = Annotated[list[RoleKey], Field(max_length=50)]


class UserStatus(StrEnum):
    """`invited` until the invitation's token has been used: then the account's own `id` is the member's."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class InviteBody(Payload):
    email: Email
    full_name: OneLine
    roles: Annotated[RoleKeys, Field(min_length=1)]
    customer_id: Annotated[UUID | None, Field(description="The customer that the person speaks for.")] = None


class EditUserBody(Payload):
    """What is left out stays as it is."""

    roles: RoleKeys | None = None
    away: bool | None = None
    customer_id: UUID | None = None
    full_name: OneLine | None = None


class InvitationView(View):
    """An invitation that nobody has accepted, in the words of who wrote it. All times are UTC."""

    id: UUID
    email: str
    full_name: str
    roles: list[str]
    customer_id: UUID | None
    created_at: datetime
    expires_at: datetime


class UserView(View):
    """A member of the tenant, by the account's `id`. Somebody who is only invited is shown with the invitation's id and
    words: nothing is told of an account that they may have elsewhere."""

    id: UUID
    email: str
    full_name: str
    status: UserStatus
    email_verified: bool
    roles: list[str]
    customer_id: UUID | None
    away: bool
    created_at: datetime


class PermissionView(View):
    permission: Permission
    area: str
    action: str


class RoleBody(Payload):
    key: RoleKey
    name: Name
    permissions: Annotated[list[Permission], Field(max_length=200)] = []


class EditRoleBody(Payload):
    name: Name
    permissions: Annotated[list[Permission], Field(max_length=200)]


class RoleView(View):
    """`builtin` roles are those that every tenant starts with."""

    id: UUID
    key: str
    name: str
    builtin: bool
    permissions: list[str]
    members: int


class WhoChangesView(View):
    """Somebody who has the role, with what they could do from then on, and could not any more, by all their roles."""

    id: UUID
    full_name: str
    gains: list[Permission]
    loses: list[Permission]


class RolePreviewView(View):
    """What would change if the role were replaced: of the role, and for the first 200 who have it."""

    gained: list[Permission]
    lost: list[Permission]
    people: list[WhoChangesView]


class TenantBody(Payload):
    """`admin_email` is invited as its first administrator; without it the caller becomes that."""

    slug: Slug
    name: OneLine
    locale: Locale = "en"
    timezone: TimeZone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["DZD"])]
    admin_email: Email | None = None
    admin_full_name: OneLine | None = None


class EditTenantBody(Payload):
    """What is left out stays as it is. What was written in a currency or counted in a zone stays as it was."""

    name: OneLine | None = None
    locale: Locale | None = None
    timezone: TimeZone | None = None
    currency: Currency | None = None


class TenantView(View):
    id: UUID
    slug: str
    name: str
    locale: str
    timezone: str
    currency: str
    suspended_at: datetime | None
    suspended_reason: str | None
    created_at: datetime
