"""How the desk is organised: the groups that tickets are with, and the categories that they fall into."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi.responses import Response

from api.cases.names import find_names
from api.http.problems import not_found
from api.http.routing import Router
from api.identity.routes.users import list_users
from api.tickets.desk import list_categories, list_groups
from api.tickets.service_levels.routes import list_sla_policies
from domain.people.permissions import Permission
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import ALL_AT_ONCE, read, require
from web.http.rendering import draw
from web.http.submitting import nothing, submit, to
from web.http.visits import SignedInVisit, Visit

router = Router(prefix="/settings")

GROUPS, CATEGORIES = "/settings/groups", "/settings/categories"


@router.get("/groups")
async def groups(visit: SignedInVisit) -> Response:
    """The groups of the staff."""
    return await _groups(visit, Form(), None)


@router.post("/groups")
async def create_group(visit: SignedInVisit) -> Response:
    """Makes a group."""
    return await submit(visit, partial(_groups, visit), "POST", "/groups", _group_body, to(GROUPS))


@router.get("/groups/{group_id}")
async def group(visit: SignedInVisit, group_id: UUID) -> Response:
    """One group."""
    return await _group(visit, group_id, Form(), None)


@router.post("/groups/{group_id}")
async def replace_group(visit: SignedInVisit, group_id: UUID) -> Response:
    """Changes a group's name and who is in it."""
    again = partial(_group, visit, group_id)
    return await submit(visit, again, "PUT", f"/groups/{group_id}", _group_body, to(GROUPS))


@router.post("/groups/{group_id}/delete")
async def delete_group(visit: SignedInVisit, group_id: UUID) -> Response:
    """Deletes a group that has no tickets."""
    again = partial(_group, visit, group_id)
    return await submit(visit, again, "DELETE", f"/groups/{group_id}", nothing, to(GROUPS))


@router.get("/categories")
async def categories(visit: SignedInVisit) -> Response:
    """What tickets can be about."""
    await require(visit, Permission.SETTINGS_READ)
    return await _categories(visit, Form(), None)


@router.post("/categories")
async def create_category(visit: SignedInVisit) -> Response:
    """Makes a category."""
    return await submit(visit, partial(_categories, visit), "POST", "/categories", _category_body, to(CATEGORIES))


@router.get("/categories/{category_id}")
async def category(visit: SignedInVisit, category_id: UUID) -> Response:
    """One category."""
    await require(visit, Permission.SETTINGS_READ)
    return await _category(visit, category_id, Form(), None)


@router.post("/categories/{category_id}")
async def replace_category(visit: SignedInVisit, category_id: UUID) -> Response:
    """Changes a category; another service level reaches its open tickets."""
    again = partial(_category, visit, category_id)
    return await submit(visit, again, "PUT", f"/categories/{category_id}", _category_body, to(CATEGORIES))


@router.post("/categories/{category_id}/delete")
async def delete_category(visit: SignedInVisit, category_id: UUID) -> Response:
    """Deletes a category that no ticket is in."""
    again = partial(_category, visit, category_id)
    return await submit(visit, again, "DELETE", f"/categories/{category_id}", nothing, to(CATEGORIES))


def _group_body(form: Form) -> dict[str, Any]:
    return {"name": form.values.get("name", ""), "member_ids": form.lists.get("member_ids", [])}


def _category_body(form: Form) -> dict[str, Any]:
    return {"name": form.values.get("name", ""), "sla_policy_id": form.values.get("sla_policy_id") or None}


async def _groups(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    found: Any = await read(visit, list_groups, paging=ALL_AT_ONCE)
    members = {member for group in found.items for member in group.member_ids}
    names = await find_names(visit.services.database, visit.caller.tenant_id, people=members)
    staff = await _staff(visit, names.people)
    return draw(
        visit,
        "settings/groups.html",
        status,
        groups=found.items,
        names=names.people,
        staff=staff,
        form=form,
        notice=notice,
    )


async def _group(
    visit: Visit, group_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found: Any = await read(visit, list_groups, paging=ALL_AT_ONCE)
    group = next((each for each in found.items if each.id == group_id), None)
    if group is None:
        raise not_found("group")
    names = await find_names(visit.services.database, visit.caller.tenant_id, people=group.member_ids)
    if "name" not in form.values:
        form.values["name"], form.lists["member_ids"] = group.name, [str(each) for each in group.member_ids]
    staff = await _staff(visit, names.people)
    return draw(visit, "settings/group.html", status, group=group, staff=staff, form=form, notice=notice)


async def _staff(visit: Visit, known: dict[UUID, str]) -> Sequence[tuple[UUID, str]]:
    """Who can be in a group; for those who may not see people, who is in one already."""
    people = dict(known)
    if visit.caller.may(Permission.USERS_READ):
        found: Any = await read(visit, list_users, paging=ALL_AT_ONCE)
        people |= {user.id: user.full_name for user in found.items if user.customer_id is None}
    return sorted(people.items(), key=lambda each: each[1].casefold())


async def _categories(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    found: Any = await read(visit, list_categories, paging=ALL_AT_ONCE)
    levels = await _levels(visit)
    return draw(
        visit, "settings/categories.html", status, categories=found.items, levels=levels, form=form, notice=notice
    )


async def _category(
    visit: Visit, category_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found: Any = await read(visit, list_categories, paging=ALL_AT_ONCE)
    category = next((each for each in found.items if each.id == category_id), None)
    if category is None:
        raise not_found("category")
    if "name" not in form.values:
        form.values = {"name": category.name, "sla_policy_id": str(category.sla_policy_id or "")}
    levels = await _levels(visit)
    return draw(visit, "settings/category.html", status, category=category, levels=levels, form=form, notice=notice)


async def _levels(visit: Visit) -> dict[UUID, str]:
    found: Any = await read(visit, list_sla_policies, paging=ALL_AT_ONCE)
    return {policy.id: policy.name for policy in found.items}
