"""Roles in a browser: what each allows, in words, and who gains and loses by a change before it is made."""

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi.responses import Response

from api.http.routing import Router
from api.identity.grants import ADMIN_ROLE
from api.identity.routes.roles import get_role, list_roles
from api.identity.schemas.users import RoleView
from domain.people.permissions import Permission
from web.http.arriving import arrive
from web.http.forms import Form, posted
from web.http.notices import Notice, not_proven
from web.http.reading import ALL_AT_ONCE, read, require
from web.http.rendering import draw
from web.http.sending import send
from web.http.submitting import nothing, settled, submit, to
from web.http.visits import SignedInVisit, Visit
from web.settings.rights import by_area
from web.settings.role_names import called

router = Router(prefix="/settings/roles")

ROLES = "/settings/roles"


@router.get("")
async def roles(visit: SignedInVisit) -> Response:
    """The house's roles."""
    found = await read(visit, list_roles, paging=ALL_AT_ONCE)
    named = [called(visit, role) for role in found.items]
    return draw(visit, "settings/roles.html", roles=named, by_area=by_area, admin=ADMIN_ROLE)


@router.get("/new")
async def new_role(visit: SignedInVisit) -> Response:
    """The form of a new role."""
    await require(visit, Permission.ROLES_WRITE)
    form, notice = await arrive(visit, f"{ROLES}/new")
    return await _new(visit, form, notice)


@router.post("/new")
async def create(visit: SignedInVisit) -> Response:
    """Makes a role."""
    return await submit(
        visit,
        partial(_new, visit),
        "POST",
        "/roles",
        lambda form: {**form.given("key"), **_said(form)},
        lambda ending: f"{ROLES}/{ending.body['id']}",
    )


@router.get("/{role_id}")
async def role(visit: SignedInVisit, role_id: UUID) -> Response:
    """One role, with all that it could allow."""
    return await _role(visit, role_id, Form(), None)


@router.post("/{role_id}/preview")
async def look(visit: SignedInVisit, role_id: UUID) -> Response:
    """Shows who would gain and lose what."""
    form = await posted(visit)
    if not form.ours:
        return await _role(visit, role_id, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    ending = await send(visit, "POST", f"/roles/{role_id}/preview", _said(form))
    if not ending.done:
        return await settled(visit, partial(_role, visit, role_id), form, ending, to(ROLES))
    return await _role(visit, role_id, form, None, preview=ending.body)


@router.post("/{role_id}")
async def replace(visit: SignedInVisit, role_id: UUID) -> Response:
    """Changes the role for everybody who has it."""
    again, here = partial(_role, visit, role_id), f"{ROLES}/{role_id}"
    return await submit(visit, again, "PUT", f"/roles/{role_id}", _said, to(here))


@router.post("/{role_id}/delete")
async def delete(visit: SignedInVisit, role_id: UUID) -> Response:
    """Deletes a role that nobody has."""
    again = partial(_role, visit, role_id)
    return await submit(visit, again, "DELETE", f"/roles/{role_id}", nothing, to(ROLES))


def _said(form: Form) -> dict[str, Any]:
    return {"name": form.values.get("name", ""), "permissions": form.lists.get("permissions", [])}


async def _new(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return draw(visit, "settings/new_role.html", status, form=form, notice=notice, rights=by_area())


async def _role(
    visit: Visit,
    role_id: UUID,
    form: Form,
    notice: Notice | None,
    status: HTTPStatus = HTTPStatus.OK,
    preview: dict[str, Any] | None = None,
) -> Response:
    found: RoleView = await read(visit, get_role, role_id=role_id)
    if "name" not in form.values:
        form.values["name"], form.lists["permissions"] = found.name, list(found.permissions)
    return draw(
        visit,
        "settings/role.html",
        status,
        role=called(visit, found),
        form=form,
        notice=notice,
        preview=preview,
        rights=by_area(),
        by_area=by_area,
        fixed=found.key == ADMIN_ROLE or not visit.may("roles:write"),
        everything=found.key == ADMIN_ROLE,
    )
