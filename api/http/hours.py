"""Hours of a week and days in payloads: times of day are `HH:MM`, kept as minutes of the local day."""

import re
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from api.http.payloads import Payload, UtcTime

D = TypeVar("D", bound=date)

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


def _sensible(day: D) -> D:
    if not 2000 <= day.year <= 2100:
        raise ValueError("a day lies between 2000 and 2100")
    return day


TimeOfDay = Annotated[
    int,
    BeforeValidator(_minute_of_day, json_schema_input_type=str),
    PlainSerializer(_hh_mm, return_type=str),
    Field(ge=0, le=1440),
]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 is Monday")]
Day = Annotated[date, AfterValidator(_sensible)]
Moment = Annotated[UtcTime, AfterValidator(_sensible)]
"""An instant of a day, so that days around it are in the calendar of every zone."""
Timezone = Annotated[str, Field(max_length=64, examples=["Africa/Algiers"])]


class WindowBody(Payload):
    """Opening hours of one weekday (0 is Monday); `closes` at or before `opens` is over midnight."""

    weekday: Weekday
    opens: TimeOfDay
    closes: TimeOfDay


Windows = Annotated[list[WindowBody], Field(max_length=70)]
