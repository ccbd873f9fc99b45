"""Calendars in a browser: what one means is seen before it is kept."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import Response

from api.http.routing import Router
from api.tickets.service_levels.routes import get_calendar, list_calendars, list_sla_policies
from api.tickets.service_levels.schemas import CalendarPreviewView
from domain.people.permissions import Permission
from web.http.forms import Form, posted
from web.http.notices import Notice, not_proven
from web.http.reading import ALL_AT_ONCE, read, require
from web.http.rendering import draw
from web.http.sending import send
from web.http.submitting import nothing, settled, submit, to
from web.http.visits import SignedInVisit, Visit
from web.settings.calendar_forms import DAYS, body_of, place_errors, values_of

router = Router(prefix="/settings/calendars")

CALENDARS = "/settings/calendars"


@dataclass(frozen=True)
class Preview:
    """What the calendar would mean, in its own zone."""

    view: CalendarPreviewView
    zone: ZoneInfo

    @property
    def hours(self) -> int:
        """Open hours of all days shown."""
        return sum(day.open_minutes for day in self.view.days) // 60

    def bars(self, day: Any) -> list[tuple[float, float]]:
        """Where a day is open: beginning and length, each as a share of the day."""
        whole = (day.ends_at - day.begins_at).total_seconds()
        return [
            (
                (each.opens_at - day.begins_at).total_seconds() / whole,
                (each.closes_at - each.opens_at).total_seconds() / whole,
            )
            for each in day.stretches
        ]


@router.get("")
async def calendars(visit: SignedInVisit) -> Response:
    """The house's calendars."""
    found: Any = await read(visit, list_calendars, paging=ALL_AT_ONCE)
    levels: Any = await read(visit, list_sla_policies, paging=ALL_AT_ONCE)
    used = {
        calendar.id: [each.name for each in levels.items if each.calendar_id == calendar.id] for calendar in found.items
    }
    return draw(visit, "settings/calendars.html", calendars=found.items, used=used)


@router.get("/new")
async def new_calendar(visit: SignedInVisit) -> Response:
    """The form of a new calendar."""
    await require(visit, Permission.SETTINGS_WRITE)
    zone = visit.visitor.timezone if visit.visitor else "UTC"
    return await _calendar(visit, None, Form({"timezone": zone}), None)


@router.post("/new")
async def create(visit: SignedInVisit) -> Response:
    """Makes a calendar."""
    return await submit(visit, partial(_calendar, visit, None), "POST", "/calendars", body_of, to(CALENDARS))


@router.post("/new/preview")
async def look_at_new(visit: SignedInVisit) -> Response:
    """Shows what a new calendar would mean."""
    return await _look(visit, None)


@router.get("/{calendar_id}")
async def calendar(visit: SignedInVisit, calendar_id: UUID) -> Response:
    """One calendar."""
    return await _calendar(visit, calendar_id, Form(), None)


@router.post("/{calendar_id}")
async def replace(visit: SignedInVisit, calendar_id: UUID) -> Response:
    """Changes a calendar: time from now on is counted by the new one."""
    again = partial(_calendar, visit, calendar_id)
    return await submit(visit, again, "PUT", f"/calendars/{calendar_id}", body_of, to(CALENDARS))


@router.post("/{calendar_id}/preview")
async def look_at(visit: SignedInVisit, calendar_id: UUID) -> Response:
    """Shows what the calendar would mean, beside what it means now."""
    return await _look(visit, calendar_id)


@router.post("/{calendar_id}/delete")
async def delete(visit: SignedInVisit, calendar_id: UUID) -> Response:
    """Deletes a calendar that nothing is counted by."""
    again = partial(_calendar, visit, calendar_id)
    return await submit(visit, again, "DELETE", f"/calendars/{calendar_id}", nothing, to(CALENDARS))


async def _look(visit: Visit, calendar_id: UUID | None) -> Response:
    form = await posted(visit)
    if not form.ours:
        return await _calendar(visit, calendar_id, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    asked = {**body_of(form), "calendar_id": str(calendar_id) if calendar_id else None}
    ending = await send(visit, "POST", "/calendars/preview", asked)
    if not ending.done:
        return await settled(visit, partial(_calendar, visit, calendar_id), form, ending, to(CALENDARS))
    preview = Preview(CalendarPreviewView.model_validate(ending.body), ZoneInfo(form.values["timezone"]))
    return await _calendar(visit, calendar_id, form, None, preview=preview)


async def _calendar(
    visit: Visit,
    calendar_id: UUID | None,
    form: Form,
    notice: Notice | None,
    status: HTTPStatus = HTTPStatus.OK,
    preview: Preview | None = None,
) -> Response:
    found = await read(visit, get_calendar, calendar_id=calendar_id) if calendar_id else None
    if found and "name" not in form.values:
        form.values = values_of(found)
    place_errors(form)
    return draw(
        visit,
        "settings/calendar.html",
        status,
        calendar=found,
        here=f"{CALENDARS}/{calendar_id or 'new'}",
        form=form,
        notice=notice,
        preview=preview,
        days=DAYS,
    )
