"""When the company is open: what its promises count by, for whoever deals with it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends

from api.http.payloads import View
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, authenticated
from domain.calendar import BusinessCalendar
from stores.tickets.door import default_calendar

router = Router(prefix="/opening-hours", tags=["settings"])

_LOOKED_AHEAD = timedelta(days=14)


class HoursView(View):
    """From one time of day to another, `HH:MM`; at or before the first, the second is of the next day."""

    opens: str
    closes: str


class DayView(View):
    """A day of the week, 0 is Monday; without hours it is closed."""

    weekday: int
    hours: list[HoursView]


class OpeningHoursView(View):
    """The week as it usually is, and whether it is open now; `changes_at` is when that changes, null where it does not
    within two weeks."""

    timezone: str
    always_open: bool
    week: list[DayView]
    is_open: bool
    changes_at: datetime | None


@router.get("")
async def get_opening_hours(
    caller: Annotated[Caller, Depends(authenticated)], service: Annotated[Services, Depends(services)]
) -> OpeningHoursView:
    """The hours of the tenant's default calendar."""
    async with service.database.glance(caller.tenant_id) as session:
        calendar = await default_calendar(session, caller.tenant_id)
    now = datetime.now(UTC)
    is_open = calendar.is_open(now)
    return OpeningHoursView(
        timezone=calendar.timezone,
        always_open=calendar.always_open,
        week=[DayView(weekday=day, hours=_hours(calendar, day)) for day in range(7)],
        is_open=is_open,
        changes_at=_changes_at(calendar, now),
    )


def _hours(calendar: BusinessCalendar, day: int) -> list[HoursView]:
    windows = sorted(window for window in calendar.windows if window.weekday == day)
    return [HoursView(opens=_clock(window.opens), closes=_clock(window.closes)) for window in windows]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _changes_at(calendar: BusinessCalendar, now: datetime) -> datetime | None:
    until = now + _LOOKED_AHEAD
    opening = next(calendar.open_intervals(now, until), None)
    if opening is None:
        return None
    changes_at = opening[1] if calendar.is_open(now) else opening[0]
    return changes_at if changes_at < until else None
