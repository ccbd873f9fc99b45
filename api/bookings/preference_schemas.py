"""How somebody wants to be reminded, as it goes in and out."""

import re
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from api.http.hours import Timezone
from api.http.payloads import Payload, View

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        raise ValueError("a time of day is HH:MM, from 00:00 to 23:59")
    return time.fromisoformat(value)


HoursBefore = Annotated[
    list[Annotated[int, Field(ge=1, le=336)]],
    Field(max_length=5, description="Hours before the start; each reminds once"),
    AfterValidator(lambda hours: sorted(set(hours), reverse=True)),
]
LocalTime = Annotated[
    time,
    BeforeValidator(_clock, json_schema_input_type=Annotated[str, Field(pattern=_CLOCK)]),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
]


class RemindersBody(Payload):
    """All of it: what is left out or null is as the tenant has it. In quiet hours nobody is reminded; they end on the
    next day when they end earlier than they begin."""

    hours_before: Annotated[HoursBefore, Field(min_length=1)] | None = None
    email: Annotated[bool, Field(description="Whether to be reminded at all")] = True
    timezone: Annotated[Timezone | None, Field(description="Of the quiet hours")] = None
    quiet_from: LocalTime | None = None
    quiet_until: LocalTime | None = None


class RemindersView(View):
    hours_before: list[int] | None
    email: bool
    timezone: str | None
    quiet_from: LocalTime | None
    quiet_until: LocalTime | None
