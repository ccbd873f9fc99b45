"""What goes in and out of the routes of calendars, service level policies, groups and categories."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from api.http.payloads import Name, Payload, View
from domain.tickets.rules import TicketPriority
from domain.tickets.sla.policy import LONGEST_TARGET_MINUTES, ClockKind, EscalationAction

_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


def _minute_of_day(value: object) -> object:
    if isinstance(value, str):
        match = _CLOCK.fullmatch(value)
        if not match or value > "24:00":
            raise ValueError("a time of day is HH:MM, from 00:00 to 24:00")
        return int(match[1]) * 60 + int(match[2])
    return value


def _hh_mm(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


TimeOfDay = Annotated[
    int,
    BeforeValidator(_minute_of_day, json_schema_input_type=str),
    PlainSerializer(_hh_mm, return_type=str),
    Field(ge=0, le=1440),
]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_TARGET_MINUTES)]


def _sensible(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise ValueError("a holiday lies between 2000 and 2100")
    return day


Holiday = Annotated[date, AfterValidator(_sensible)]


class WindowBody(Payload):
    """Opening hours of one weekday (0 is Monday); `closes` at or before `opens` is over midnight."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: TimeOfDay
    closes: TimeOfDay


class CalendarBody(Payload):
    name: Name
    timezone: Annotated[str, Field(max_length=64, examples=["Africa/Algiers"])]
    always_open: bool = False
    windows: Annotated[list[WindowBody], Field(max_length=70)] = []
    holiday_country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", examples=["DZ"])] = None
    holidays_added: Annotated[dict[Holiday, Name], Field(max_length=400)] = {}
    holidays_removed: Annotated[list[Holiday], Field(max_length=400)] = []


class CalendarView(View):
    id: UUID
    name: str
    timezone: str
    always_open: bool
    windows: list[WindowBody]
    holiday_country: str | None
    holidays_added: dict[date, str]
    holidays_removed: list[date]


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


class CategoryBody(Payload):
    name: Name
    sla_policy_id: UUID | None = None


class CategoryView(View):
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
