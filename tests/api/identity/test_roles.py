"""Roles: what they hold, and who may change them."""

import asyncio
import base64
import json
from uuid import uuid4

import pytest

from domain.people.permissions import PLATFORM, Permission
from tests.api.house import Company, House, Person, code_of

HELPER = {"key": "helper", "name": "Helper", "permissions": ["tickets:read", "tickets:read_all"]}


async def role(person: Person, key: str) -> dict[str, object]:
    items = (await person.http.get("/roles", params={"limit": 200})).json()["items"]
    (found,) = [item for item in items if item["key"] == key]
    assert isinstance(found, dict)
    return found


async def test_the_catalogue_names_every_permission_that_a_tenant_can_give(company: Company) -> None:
    listed = (await company.admin.http.get("/permissions")).json()
    assert {item["permission"] for item in listed} == set(Permission) - PLATFORM
    assert len(listed) >= 40
    assert all(item["permission"] == f"{item['area']}:{item['action']}" for item in listed)


async def test_a_tenant_makes_a_role_of_its_own_gives_it_and_takes_it_back(house: House) -> None:
    company = await house.tenant()
    made = (await company.admin.http.post("/roles", json=HELPER)).json()
    assert (made["builtin"], made["members"]) == (False, 0)
    person = await company.member("helper")
    assert (await person.http.get("/tickets")).status_code == 200
    assert (await person.http.get("/customers")).status_code == 403

    path = f"/roles/{made['id']}"
    widened = {"name": "Helping hand", "permissions": ["customers:read", "customers:read_all", "customers:read"]}
    changed = (await company.admin.http.put(path, json=widened)).json()
    assert changed["permissions"] == ["customers:read", "customers:read_all"]
    assert (await person.http.get("/tickets")).status_code == 403
    assert (await person.http.get("/customers")).status_code == 200

    in_use = await company.admin.http.delete(path)
    assert (in_use.status_code, code_of(in_use)) == (409, "role_in_use")
    await company.admin.http.patch(f"/users/{person.id}", json={"roles": ["agent"]})
    assert (await company.admin.http.delete(path)).status_code == 204
    assert (await company.admin.http.get(path)).status_code == 404


async def test_built_in_roles_cannot_be_deleted_nor_the_administrator_disarmed(company: Company) -> None:
    for key in ("admin", "manager", "agent", "reviewer", "client"):
        answer = await company.admin.http.delete(f"/roles/{(await role(company.admin, key))['id']}")
        assert (answer.status_code, code_of(answer)) == (409, "role_builtin")
    admin = await role(company.admin, "admin")
    answer = await company.admin.http.put(f"/roles/{admin['id']}", json={"name": "Nobody", "permissions": []})
    assert (answer.status_code, code_of(answer)) == (409, "role_builtin")


async def test_nobody_gives_or_takes_what_they_may_not_do(house: House) -> None:
    company = await house.tenant()
    keeper = {"key": "keeper", "name": "Keeper", "permissions": ["roles:write", "users:read", "tickets:read"]}
    await company.admin.http.post("/roles", json=keeper)
    person = await company.member("keeper")
    manager = await role(company.admin, "manager")

    for answer in (
        await person.http.post("/roles", json=HELPER),
        await person.http.put(f"/roles/{manager['id']}", json={"name": "M", "permissions": ["tickets:read"]}),
        await company.admin.http.post("/roles", json=HELPER | {"permissions": ["tenants:write"]}),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "permission_not_held")
    within = await person.http.post("/roles", json=HELPER | {"permissions": ["tickets:read"]})
    assert within.status_code == 201


async def test_a_key_is_taken_once(company: Company) -> None:
    body = HELPER | {"key": "twice"}
    answers = await asyncio.gather(*(company.admin.http.post("/roles", json=body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_refuses_what_is_no_role(company: Company) -> None:
    for change in ({"key": "Two words"}, {"permissions": ["tickets:fly"]}, {"name": ""}, {"key": None}):
        assert (await company.admin.http.post("/roles", json=HELPER | change)).status_code == 422


async def test_roles_of_another_tenant_are_not_there(company: Company, other_company: Company) -> None:
    foreign = await role(other_company.admin, "agent")
    path = f"/roles/{foreign['id']}"
    assert (await company.admin.http.get(path)).status_code == 404
    assert (await company.admin.http.put(path, json={"name": "x", "permissions": []})).status_code == 404
    assert (await company.admin.http.delete(path)).status_code == 404


async def test_a_cursor_that_is_not_ours_is_refused(company: Company) -> None:
    for value in ({}, 7, None, "a\x00", "", "\ud800"):
        text = json.dumps(["key", value, "00000000-0000-0000-0000-000000000000"])
        cursor = base64.urlsafe_b64encode(text.encode()).decode()
        answer = await company.admin.http.get("/roles", params={"cursor": cursor})
        assert (answer.status_code, code_of(answer)) == (422, "cursor_invalid"), value


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/audit", "sequence", (True, False, 1.5, "1", None, 2**63, [1])),
        ("/users", "created_at", (True, 7, "", "yesterday", "2026-13-01T00:00:00Z", None)),
        ("/customers", "name", (True, 7, None, ["a"])),
    ],
)
async def test_a_cursor_of_the_wrong_type_is_refused(
    company: Company, path: str, name: str, values: tuple[object, ...]
) -> None:
    for value in values:
        text = json.dumps([name, value, "00000000-0000-0000-0000-000000000000"])
        params = {"sort": name, "cursor": base64.urlsafe_b64encode(text.encode()).decode()}
        answer = await company.admin.http.get(path, params=params)
        assert (answer.status_code, code_of(answer)) == (422, "cursor_invalid"), value
    there = json.dumps([name, {"sequence": 1, "created_at": "9999-12-31T23:59:59-23:59"}.get(name, "a"), str(uuid4())])
    params = {"sort": name, "cursor": base64.urlsafe_b64encode(there.encode()).decode()}
    assert (await company.admin.http.get(path, params=params)).status_code == 200
