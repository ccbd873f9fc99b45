"""What goes in and out of the routes of the team."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from api.bookings.service_schemas import Buffer, Days
from api.http.hours import Timezone, WindowBody, Windows
from api.http.payloads import Name, Payload, View

AtOnce = Annotated[int, Field(ge=1, le=100, description="How many appointments they keep at once")]
ServiceIds = Annotated[list[UUID], Field(max_length=200), AfterValidator(lambda ids: list(dict.fromkeys(ids)))]


class EditTeamMemberBody(Payload):
    """What is left out stays as it is."""

    name: Annotated[Name | None, Field(description="What customers read")] = None
    active: Annotated[bool | None, Field(description="Else nobody books them any more")] = None
    timezone: Annotated[Timezone | None, Field(description="Of their hours and days off")] = None
    windows: Annotated[Windows | None, Field(description="Working hours")] = None
    days_off: Days | None = None
    max_concurrent: AtOnce | None = None
    buffer_minutes: Buffer | None = None
    auto_assign: Annotated[bool | None, Field(description="Else they are booked by name only")] = None
    service_ids: Annotated[ServiceIds | None, Field(description="All of the services that they do")] = None


class TeamMemberBody(EditTeamMemberBody):
    """One of the staff. Without a name they have that of their account, without a timezone the tenant's."""

    account_id: UUID
    active: bool = True
    windows: Windows
    days_off: Days = []
    max_concurrent: AtOnce = 1
    buffer_minutes: Buffer = 0
    auto_assign: bool = True
    service_ids: ServiceIds = []


class TeamMemberView(View):
    """Somebody for those who book them."""

    id: UUID
    name: str
    service_ids: list[UUID]


class StaffTeamMemberView(TeamMemberView):
    """Somebody for the people of the tenant."""

    account_id: UUID
    active: bool
    timezone: str
    windows: list[WindowBody]
    days_off: list[date]
    max_concurrent: int
    buffer_minutes: int
    auto_assign: bool
    created_at: datetime
    updated_at: datetime
