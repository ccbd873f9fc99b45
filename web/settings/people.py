"""The people of the house: who is there, who is invited, what they may do, and whether they are away."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.customers.routes import list_customers
from api.http.paging import Paging
from api.http.routing import Router
from api.identity.routes.invitations import list_invitations
from api.identity.routes.roles import list_roles
from api.identity.routes.users import get_user, list_users
from api.identity.schemas.users import RoleView, UserView
from domain.people.permissions import Permission
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import ALL_AT_ONCE, read, require
from web.http.rendering import draw
from web.http.submitting import nothing, submit, to
from web.http.visits import SignedInVisit, Visit
from web.settings.role_names import called

router = Router(prefix="/settings/people")

PEOPLE = "/settings/people"


@router.get("")
async def people(
    visit: SignedInVisit,
    q: Annotated[str, Query(max_length=200)] = "",
    role: Annotated[str, Query(max_length=40)] = "",
    away: bool | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Who belongs to the house, and who is invited."""
    return await _people(visit, q, role, away, cursor)


@router.get("/invite")
async def invite_page(visit: SignedInVisit, customer_id: UUID | None = None) -> Response:
    """The form of an invitation; a customer's page says for whom one will speak."""
    await require(visit, Permission.USERS_WRITE)
    form, notice = await arrive(visit, f"{PEOPLE}/invite")
    if customer_id:
        form.values.setdefault("customer_id", str(customer_id))
    return await _invite(visit, form, notice)


@router.post("/invite")
async def invite(visit: SignedInVisit) -> Response:
    """Invites somebody by mail."""
    return await submit(visit, partial(_invite, visit), "POST", "/users", _invitation, to(PEOPLE))


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(visit: SignedInVisit, invitation_id: UUID) -> Response:
    """Takes an invitation back: its link opens nothing any more."""
    path, again = f"/invitations/{invitation_id}", partial(_people_again, visit)
    return await submit(visit, again, "DELETE", path, nothing, to(PEOPLE))


@router.get("/{user_id}")
async def person(visit: SignedInVisit, user_id: UUID) -> Response:
    """One of the house's people."""
    return await _person(visit, user_id, Form(), None)


@router.post("/{user_id}")
async def change(visit: SignedInVisit, user_id: UUID) -> Response:
    """Changes what somebody may do, for whom they speak, and whether they are away."""
    again, here = partial(_person, visit, user_id), f"{PEOPLE}/{user_id}"
    return await submit(visit, again, "PATCH", f"/users/{user_id}", _changed, to(here))


@router.post("/{user_id}/remove")
async def remove(visit: SignedInVisit, user_id: UUID) -> Response:
    """Takes somebody out of the house."""
    again = partial(_person, visit, user_id)
    return await submit(visit, again, "DELETE", f"/users/{user_id}", nothing, to(PEOPLE))


def _invitation(form: Form) -> dict[str, Any]:
    return {**form.given("email", "full_name", "customer_id"), "roles": form.lists.get("roles", [])}


def _changed(form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {"roles": form.lists.get("roles", []), "away": bool(form.values.get("away"))}
    # Whose customer somebody is may be more to change than a role: it is sent only where it changed.
    if form.values.get("customer_id", "") != form.values.get("customer_was", ""):
        body["customer_id"] = form.values["customer_id"] or None
    return body


async def _people_again(visit: Visit, _: Form, notice: Notice | None, status: HTTPStatus) -> Response:
    return await _people(visit, notice=notice, status=status)


async def _people(
    visit: Visit,
    q: str = "",
    role: str = "",
    away: bool | None = None,
    cursor: str | None = None,
    notice: Notice | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    paging = Paging(50, cursor, None, count=False)
    found = await read(visit, list_users, paging=paging, role=role or None, away=away, q=q or None)
    invited = await read(visit, list_invitations, paging=ALL_AT_ONCE)
    asked = {"q": q, "role": role, "away": away, "cursor": found.next_cursor}
    query = urlencode({name: value for name, value in asked.items() if value})
    return draw(
        visit,
        "settings/people.html",
        status,
        people=found.items,
        invited=invited.items,
        roles=await _roles(visit),
        customers=await _customers_of(visit, [*found.items, *invited.items]),
        shown={"q": q, "role": role, "away": away},
        following=f"{PEOPLE}?{query}" if found.next_cursor else None,
        notice=notice,
    )


async def _invite(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    customers = await _choosable_customers(visit)
    return draw(
        visit,
        "settings/invite.html",
        status,
        form=form,
        notice=notice,
        roles=await _roles(visit),
        customers=customers,
    )


async def _person(
    visit: Visit, user_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    user: UserView = await read(visit, get_user, user_id=user_id)
    if not form.lists:
        form.lists = {"roles": user.roles}
        form.values = {"away": "yes" if user.away else "", "customer_id": str(user.customer_id or "")}
    form.values["customer_was"] = str(user.customer_id or "")
    return draw(
        visit,
        "settings/person.html",
        status,
        user=user,
        form=form,
        notice=notice,
        roles=await _roles(visit),
        customers=await _choosable_customers(visit, user),
    )


async def _roles(visit: Visit) -> Sequence[RoleView]:
    found: Any = await read(visit, list_roles, paging=ALL_AT_ONCE)
    return [called(visit, role) for role in found.items]


async def _choosable_customers(visit: Visit, user: UserView | None = None) -> dict[UUID, str]:
    """For whom somebody can speak, by name; for more customers than fit into one list, its first ones."""
    chosen = await _customers_of(visit, [user] if user else [])
    if not visit.caller.may(Permission.CUSTOMERS_READ):
        return chosen
    found = await read(visit, list_customers, paging=ALL_AT_ONCE, sort="name")
    return {**{customer.id: customer.name for customer in found.items}, **chosen}


async def _customers_of(visit: Visit, people: Sequence[Any]) -> dict[UUID, str]:
    ids = [each.customer_id for each in people]
    names = await find_names(visit.services.database, visit.caller.tenant_id, customers=ids)
    return names.customers
