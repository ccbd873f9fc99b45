"""What goes in and out of the routes of calendars, service level policies, groups and categories."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.hours import Day, Timezone, WindowBody, Windows
from api.http.payloads import Name, Payload, View
from domain.tickets.rules import TicketPriority
from domain.tickets.sla.policy import LONGEST_TARGET_MINUTES, ClockKind, EscalationAction

Minutes = Annotated[int, Field(ge=1, le=LONGEST_TARGET_MINUTES)]


class CalendarBody(Payload):
    name: Name
    timezone: Timezone
    always_open: bool = False
    windows: Windows = []
    holiday_country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", examples=["DZ"])] = None
    holidays_added: Annotated[dict[Day, Name], Field(max_length=400)] = {}
    holidays_removed: Annotated[list[Day], Field(max_length=400)] = []


class CalendarView(View):
    id: UUID
    name: str
    timezone: str
    always_open: bool
    windows: list[WindowBody]
    holiday_country: str | None
    holidays_added: dict[date, str]
    holidays_removed: list[date]


class CalendarPreviewBody(CalendarBody):
    """A calendar that is not kept yet."""

    calendar_id: Annotated[UUID | None, Field(description="The calendar that it would replace.")] = None


class OpenStretchView(View):
    opens_at: datetime
    closes_at: datetime


class PreviewDayView(View):
    """A local day, from its midnight to the next (UTC), with the times at which it is open. `holiday` is the name of
    what shuts it."""

    day: date
    begins_at: datetime
    ends_at: datetime
    open_minutes: int
    stretches: list[OpenStretchView]
    holiday: str | None


class DueExampleView(View):
    """When a ticket of this priority would fall due, and when it does by the calendar as it is."""

    policy: str
    priority: TicketPriority
    clock: ClockKind
    opened_at: datetime
    due_at: datetime
    due_at_before: datetime | None


class CalendarPreviewView(View):
    """The calendar's next 14 days from today on, examples, and how many open tickets would be counted by it anew."""

    days: list[PreviewDayView]
    examples: list[DueExampleView]
    open_tickets: int


class TargetsBody(Payload):
    """Open minutes."""

    first_response_minutes: Minutes
    resolution_minutes: Minutes
    next_response_minutes: Minutes | None = None


class EscalationBody(Payload):
    """A step at `at_percent` of the target or `minutes_after_breach`; `target` is a role's key or a group's id."""

    clock: ClockKind
    action: EscalationAction
    target: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z0-9_-]+$")] = None
    at_percent: Annotated[int | None, Field(ge=1, le=1000)] = None
    minutes_after_breach: Annotated[int | None, Field(ge=0, le=LONGEST_TARGET_MINUTES)] = None


class SlaPolicyBody(Payload):
    name: Name
    calendar_id: UUID
    is_default: bool = False
    targets: dict[TicketPriority, TargetsBody]
    warn_percent: Annotated[int, Field(ge=1, le=99)] = 75
    escalations: Annotated[list[EscalationBody], Field(max_length=20)] = []


class SlaPolicyView(View):
    id: UUID
    name: str
    calendar_id: UUID
    is_default: bool
    targets: dict[TicketPriority, TargetsBody]
    warn_percent: int
    escalations: list[EscalationBody]


class TicketCategoryBody(Payload):
    name: Name
    sla_policy_id: UUID | None = None


class TicketCategoryView(View):
    id: UUID
    name: str
    sla_policy_id: UUID | None


class GroupBody(Payload):
    name: Name
    member_ids: Annotated[list[UUID], Field(max_length=500, description="Accounts of the staff.")] = []


class GroupView(View):
    id: UUID
    name: str
    member_ids: list[UUID]
