"""A booking by the link that was mailed to who booked it without an account: seen, confirmed, moved, cancelled."""

from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Path
from fastapi.responses import Response

from api.bookings.schemas import AvailabilityView, PublicBookingView
from api.http.problems import not_found
from api.http.routing import Router
from web.bookings import words
from web.http.files import Passed
from web.http.forms import Form
from web.http.notices import Notice, on_its_way
from web.http.reading import get
from web.http.rendering import draw, gettext
from web.http.submitting import fields, nothing, submit, to
from web.http.visits import Visit, VisitDep

router = Router(prefix="/b")

Token = Annotated[str, Path(min_length=1, max_length=2000, pattern=r"^[\w.-]+$")]

COMMANDS = {"confirm": nothing, "reschedule": fields("start"), "cancel": fields("reason")}
"""What the link can ask for, with the body that each makes of its form."""
_A_WEEK = timedelta(days=7)


@router.get("/{token}")
async def booking(visit: VisitDep, token: Token, pending: str | None = None) -> Response:
    """The booking that the link is for."""
    notice = on_its_way(visit, pending) if pending else None
    # Its end is told to who asked for it; here nobody has logged in, and the page is looked at again.
    notice = Notice(notice.kind, notice.title, notice.text, notice.again) if notice else None
    return await _booking(visit, token, Form(), notice)


@router.get("/{token}/ics")
async def calendar_file(visit: VisitDep, token: Token) -> Response:
    """The booking as a file that calendars open."""
    return Passed(visit, f"/public/bookings/{token}/ics")


@router.get("/{token}/times")
async def times(visit: VisitDep, token: Token, day: date | None = None) -> Response:
    """When else it could be: the free times of a week."""
    return await _times(visit, token, day, Form(), None)


@router.post("/{token}/{command}")
async def command(visit: VisitDep, token: Token, command: str) -> Response:
    """Confirms, moves or cancels it."""
    if command not in COMMANDS:
        raise not_found("page")
    again = partial(_times, visit, token, None) if command == "reschedule" else partial(_booking, visit, token)
    path, body = f"/public/bookings/{token}/{command}", COMMANDS[command]
    return await submit(visit, again, "POST", path, body, to(f"/b/{token}"))


async def _read(visit: Visit, token: str) -> PublicBookingView:
    return await get(visit, f"/public/bookings/{token}", PublicBookingView)


async def _booking(
    visit: Visit, token: str, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found = await _read(visit, token)
    return draw(
        visit,
        "bookings/guest.html",
        status,
        booking=found,
        zone=ZoneInfo(found.timezone),
        here=f"/b/{token}",
        form=form,
        notice=notice,
        words=words,
    )


async def _times(
    visit: Visit, token: str, day: date | None, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found = await _read(visit, token)
    zone = ZoneInfo(found.timezone)
    first = max(day or visit.now.astimezone(zone).date(), visit.now.astimezone(zone).date())
    since = max(datetime(first.year, first.month, first.day, tzinfo=zone), visit.now)
    asked = {"service_id": found.service_id, "from": since.isoformat(), "to": (since + _A_WEEK).isoformat()}
    free = await get(visit, f"/public/{found.tenant}/availability?{urlencode(asked)}", AvailabilityView)
    if notice is None and form.errors:
        notice = Notice("refused", gettext(visit, "Not done."), next(iter(form.errors.values())))
    return draw(
        visit,
        "bookings/times.html",
        status,
        booking=found,
        zone=zone,
        here=f"/b/{token}",
        days=[(each, list(group)) for each, group in groupby(free.slots, lambda slot: slot.local_start.date())],
        later=first + _A_WEEK,
        notice=notice,
    )
