"""The settings of the house, and where the rest of what is set up stands."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

from api.http.problems import not_found
from api.http.routing import Router
from api.settings.routes import get_settings
from domain.people.permissions import Permission
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import read, require
from web.http.rendering import draw, gettext
from web.http.submitting import submit, to
from web.http.visits import SignedInVisit, Visit
from web.settings.sections import SECTIONS, Kind
from web.settings.values import shown, typed

router = Router(prefix="/settings")


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


@dataclass(frozen=True)
class Room:
    """A page of settings that is not a section of the API's settings."""

    address: str
    icon: str
    name: str
    about: str
    permission: Permission


_P = Permission
ROOMS = (
    Room("/settings/people", "users", _("People"), _("Who works here, who is invited, who is away."), _P.USERS_READ),
    Room("/settings/roles", "shield-check", _("Roles"), _("Who may do what."), _P.USERS_READ),
    Room("/settings/groups", "users", _("Groups"), _("Whom tickets can be handed to."), _P.SETTINGS_READ),
    Room("/settings/categories", "list-filter", _("Categories"), _("What tickets are about."), _P.SETTINGS_READ),
    Room(
        "/settings/service-levels",
        "alarm-clock",
        _("Service levels"),
        _("What is promised, and what happens before it is late."),
        _P.SETTINGS_READ,
    ),
    Room(
        "/settings/calendars",
        "calendar-days",
        _("Calendars"),
        _("When you are open: time counts only then."),
        _P.SETTINGS_READ,
    ),
    Room("/audit", "scroll-text", _("Audit"), _("Who did what, as nobody can change it."), _P.AUDIT_READ),
)


@router.get("")
async def settings(visit: SignedInVisit) -> Response:
    """What can be set up."""
    rooms = [room for room in ROOMS if visit.caller.may(room.permission)]
    if not rooms:
        await require(visit, Permission.SETTINGS_READ)
    sections = SECTIONS if visit.caller.may(Permission.SETTINGS_READ) else {}
    return draw(visit, "settings/index.html", rooms=rooms, sections=sections)


@router.get("/house/{name}")
async def section(visit: SignedInVisit, name: str, saved: bool = False) -> Response:
    """One section of the house's settings."""
    notice = Notice("done", gettext(visit, "Kept."), gettext(visit, "Open cases go by it from their next step on."))
    return await _section(visit, name, Form(), notice if saved else None)


@router.post("/house/{name}")
async def change(visit: SignedInVisit, name: str) -> Response:
    """Changes a section of the house's settings."""
    here = f"/settings/house/{name}?saved=true"
    return await submit(
        visit, partial(_section, visit, name), "PATCH", "/settings", partial(_body, visit, name), to(here)
    )


def _body(visit: Visit, name: str, form: Form) -> dict[str, Any]:
    if name not in SECTIONS:
        raise not_found("page")
    currency = visit.visitor.currency if visit.visitor else ""
    fields = SECTIONS[name].settings
    return {
        name: {each.name: typed(each, form.values[each.name], currency) for each in fields if each.name in form.values}
    }


async def _section(
    visit: Visit, name: str, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    if name not in SECTIONS:
        raise not_found("page")
    section, currency = SECTIONS[name], visit.visitor.currency if visit.visitor else ""
    in_force: dict[str, Any] = (await read(visit, get_settings)).model_dump(mode="json")[name]
    values = {each.name: shown(each, in_force[each.name], currency) for each in section.settings}
    # The API names a field by the section, and within a list by its place.
    form.errors = {field.split(".")[1] if "." in field else field: said for field, said in form.errors.items()}
    form.values = values | form.values
    return draw(
        visit,
        "settings/section.html",
        status,
        name=name,
        section=section,
        values=values,
        form=form,
        notice=notice,
        currency=currency,
        Kind=Kind,
    )
