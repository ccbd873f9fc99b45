"""Service levels in a browser: what is promised for each priority, and what happens before it is late and after."""

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi.responses import Response

from api.http.routing import Router
from api.identity.routes.roles import list_roles
from api.tickets.desk import list_groups
from api.tickets.service_levels.routes import get_sla_policy, list_calendars, list_sla_policies
from domain.people.permissions import Permission
from domain.tickets.rules import TicketPriority
from domain.tickets.sla.policy import EscalationAction
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import ALL_AT_ONCE, read, require
from web.http.rendering import draw
from web.http.submitting import nothing, submit, to
from web.http.visits import SignedInVisit, Visit
from web.settings.level_forms import AFTER, PERCENT, TARGETS, body_of, length, place_errors, rows_of, values_of
from web.settings.role_names import called
from web.tickets.words import CLOCKS, PRIORITIES

router = Router(prefix="/settings/service-levels")

LEVELS = "/settings/service-levels"


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


ACTIONS = {
    EscalationAction.NOTIFY_ROLE: _("tell a role"),
    EscalationAction.RAISE_PRIORITY: _("raise the priority"),
    EscalationAction.REASSIGN_GROUP: _("hand it to a group"),
}
WHEN = {PERCENT: _("at percent of the time"), AFTER: _("so long after it was due")}
PROMISED = dict(zip(TARGETS, (_("First answer within"), _("Later answers within"), _("Resolved within")), strict=True))


@router.get("")
async def levels(visit: SignedInVisit) -> Response:
    """The house's service levels."""
    found: Any = await read(visit, list_sla_policies, paging=ALL_AT_ONCE)
    calendars = await _calendars(visit)
    return draw(
        visit,
        "settings/levels.html",
        levels=found.items,
        calendars=calendars,
        length=length,
        priorities=PRIORITIES,
    )


@router.get("/new")
async def new_level(visit: SignedInVisit) -> Response:
    """The form of a new service level."""
    await require(visit, Permission.SETTINGS_WRITE)
    return await _level(visit, None, Form({"warn_percent": "75"}), None)


@router.post("/new")
async def create(visit: SignedInVisit) -> Response:
    """Makes a service level."""
    return await submit(visit, partial(_level, visit, None), "POST", "/sla-policies", body_of, to(LEVELS))


@router.get("/{policy_id}")
async def level(visit: SignedInVisit, policy_id: UUID) -> Response:
    """One service level."""
    return await _level(visit, policy_id, Form(), None)


@router.post("/{policy_id}")
async def replace(visit: SignedInVisit, policy_id: UUID) -> Response:
    """Changes a service level: open tickets keep what has been counted, and get new deadlines."""
    again = partial(_level, visit, policy_id)
    return await submit(visit, again, "PUT", f"/sla-policies/{policy_id}", body_of, to(LEVELS))


@router.post("/{policy_id}/delete")
async def delete(visit: SignedInVisit, policy_id: UUID) -> Response:
    """Deletes a service level that nothing was promised by."""
    again = partial(_level, visit, policy_id)
    return await submit(visit, again, "DELETE", f"/sla-policies/{policy_id}", nothing, to(LEVELS))


async def _level(
    visit: Visit, policy_id: UUID | None, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found = await read(visit, get_sla_policy, policy_id=policy_id) if policy_id else None
    if found and "name" not in form.values:
        form.values = values_of(found)
    place_errors(form)
    return draw(
        visit,
        "settings/level.html",
        status,
        level=found,
        here=f"{LEVELS}/{policy_id or 'new'}",
        form=form,
        notice=notice,
        calendars=await _calendars(visit),
        whom=await _whom(visit),
        rows=rows_of(form),
        priorities={priority: PRIORITIES[priority] for priority in reversed(TicketPriority)},
        promised=PROMISED,
        clocks=CLOCKS,
        actions=ACTIONS,
        moments=WHEN,
    )


async def _calendars(visit: Visit) -> dict[UUID, str]:
    found: Any = await read(visit, list_calendars, paging=ALL_AT_ONCE)
    return {calendar.id: calendar.name for calendar in found.items}


async def _whom(visit: Visit) -> list[tuple[str, str]]:
    """The roles that can be told, by key, and the groups that a ticket can be handed to, by id."""
    groups: Any = await read(visit, list_groups, paging=ALL_AT_ONCE)
    whom = [(str(group.id), group.name) for group in groups.items]
    if visit.caller.may(Permission.USERS_READ):
        roles: Any = await read(visit, list_roles, paging=ALL_AT_ONCE)
        whom = [(role.key, called(visit, role).name) for role in roles.items] + whom
    return whom
