"""What goes in and out of the routes of series of bookings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.bookings.schemas import GuestBody, Notes, PlannedTime
from api.http.payloads import OfEveryCase, Payload, Reason, Stored, View
from domain.bookings.series import OnConflict, SeriesStatus

Rule = Annotated[
    Stored,
    StringConstraints(min_length=1, max_length=500),
    Field(description="RFC 5545: daily, weekly or monthly", examples=["FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12"]),
]


class SeriesBody(Payload):
    """`start` is the first time; the rule is counted from it, on the clocks of the service."""

    service_id: UUID
    start: PlannedTime
    rule: Rule
    on_conflict: OnConflict = OnConflict.SKIP
    team_member_id: UUID | None = None
    customer_id: UUID | None = None
    guest: GuestBody | None = None
    notes: Notes | None = None


class CancelSeriesBody(Payload):
    reason: Reason
    from_position: Annotated[int, Field(ge=1, le=100_000, description="This one and all that follow")] = 1


class SeriesView(OfEveryCase):
    """A series: `occurrences` is how many times its rule has come true as far as it is booked, until `through_at`."""

    status: SeriesStatus
    customer_id: UUID
    requester_id: UUID | None
    service_id: UUID
    team_member_id: UUID | None
    rule: str
    timezone: str
    starts_at: datetime
    on_conflict: OnConflict
    notes: str | None
    through_at: datetime | None
    occurrences: int
    cancel_from: int | None


class SkippedView(View):
    """A time at which nothing could be booked, and why."""

    position: int
    starts_at: datetime
    code: str
