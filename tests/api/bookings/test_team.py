"""Who is booked: what is taken, what is refused, and who sees what of them."""

from typing import Any

import pytest

from tests.api.bookings.setting_up import WORK_WEEK, refused_field, service, team_member
from tests.api.house import Company, House, code_of


@pytest.fixture(scope="module")
async def agent(company: Company) -> dict[str, Any]:
    return await team_member(company)


async def test_one_of_the_staff_joins_the_team(company: Company) -> None:
    agent = await company.member("agent")
    yoga, massage = await service(company, name="Yoga"), await service(company, name="Massage")
    body = {"account_id": agent.id, "windows": WORK_WEEK, "service_ids": [yoga["id"], massage["id"], yoga["id"]]}
    answer = await company.admin.http.post("/team-members", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    usual = {"name": "A agent", "timezone": "Africa/Algiers", "active": True, "auto_assign": True, "max_concurrent": 1}
    assert made == made | usual | {"service_ids": [massage["id"], yoga["id"]], "windows": WORK_WEEK}
    refused = await company.admin.http.post("/team-members", json=body)
    assert (refused.status_code, code_of(refused)) == (409, "account_taken")


async def test_hours_services_and_days_off_change(company: Company) -> None:
    http = company.admin.http
    first, second = await service(company, name="A first"), await service(company, name="A second")
    made = await team_member(company, service_ids=[first["id"]])
    changes: dict[str, Any] = {
        "name": "Amel",
        "timezone": "Europe/Paris",
        "windows": [{"weekday": 5, "opens": "20:00", "closes": "04:00"}],
        "days_off": ["2026-12-31", "2027-01-01"],
        "max_concurrent": 3,
        "buffer_minutes": 15,
        "auto_assign": False,
        "active": False,
        "service_ids": [second["id"]],
    }
    answer = await http.patch(f"/team-members/{made['id']}", json=changes)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | changes | {"updated_at": changed["updated_at"]}
    assert (await http.get(f"/team-members/{made['id']}")).json() == changed
    assert (await http.patch(f"/team-members/{made['id']}", json={})).json() == changed
    emptied = await http.patch(f"/team-members/{made['id']}", json={"service_ids": []})
    assert emptied.json()["service_ids"] == []
    audited = (await http.get("/audit", params={"action": "team_member.edited"})).json()["items"]
    assert audited[1]["detail"] == {"fields": sorted(changes)}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"timezone": "Mars/Base"}, "timezone", "timezone_unknown"),
        ({"windows": []}, "windows", "calendar_never_open"),
        ({"windows": [WORK_WEEK[0], WORK_WEEK[0]]}, "windows", "windows_overlap"),
        ({"max_concurrent": 0}, "max_concurrent", "greater_than_equal"),
        ({"max_concurrent": 101}, "max_concurrent", "less_than_equal"),
        ({"buffer_minutes": 1_441}, "buffer_minutes", "less_than_equal"),
        ({"days_off": ["0001-01-01"]}, "days_off.0", "value_error"),
        ({"name": ""}, "name", "string_too_short"),
    ],
    ids=str,
)
async def test_what_nobody_is_like_is_refused_by_its_field(
    company: Company, agent: dict[str, Any], wrong: dict[str, Any], field: str, code: str
) -> None:
    http, body = company.admin.http, {"account_id": company.admin.id, "windows": WORK_WEEK}
    for answer in (
        await http.post("/team-members", json=body | wrong),
        await http.patch(f"/team-members/{agent['id']}", json=wrong),
    ):
        assert refused_field(answer) == (field, code)


async def test_only_staff_are_booked(company: Company, other_company: Company) -> None:
    client = await company.register()
    speaks_for_one = await company.member("agent", customer_id=client.customer_id)
    for account_id in (client.id, speaks_for_one.id, other_company.admin.id):
        body = {"account_id": account_id, "windows": WORK_WEEK}
        assert refused_field(await company.admin.http.post("/team-members", json=body)) == ("account_id", "unknown")


async def test_who_somebody_is_stays(company: Company, agent: dict[str, Any]) -> None:
    path = f"/team-members/{agent['id']}"
    answer = await company.admin.http.patch(path, json={"account_id": company.admin.id})
    assert refused_field(answer) == ("account_id", "extra_forbidden")
    for field in ("name", "windows", "service_ids", "active"):
        assert refused_field(await company.admin.http.patch(path, json={field: None})) == (field, "missing")
    assert (await company.admin.http.delete(path)).status_code == 405


async def test_the_same_request_adds_one(company: Company) -> None:
    body = {"account_id": company.admin.id, "windows": WORK_WEEK}
    asked: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "once"}}
    answers = [await company.admin.http.post("/team-members", **asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_the_team_is_listed_and_customers_see_whom_they_can_book(house: House) -> None:
    company = await house.tenant()
    yoga, hidden = await service(company), await service(company, bookable=False)
    zoe = await team_member(company, name="Zoe", service_ids=[yoga["id"], hidden["id"]])
    amel = await team_member(company, name="Amel")
    gone = await team_member(company, name="Gone", active=False, service_ids=[yoga["id"]])
    client = await company.register()
    lists: list[tuple[dict[str, Any], list[str], list[str]]] = [
        ({}, ["Amel", "Gone", "Zoe"], ["Amel", "Zoe"]),
        ({"service_id": yoga["id"]}, ["Gone", "Zoe"], ["Zoe"]),
        ({"active": True, "service_id": yoga["id"]}, ["Zoe"], ["Zoe"]),
        ({"active": False}, ["Gone"], []),
        ({"sort": "name", "limit": 1}, ["Amel"], ["Amel"]),
    ]
    for query, staff_sees, client_sees in lists:
        for http, expected in ((company.admin.http, staff_sees), (client.http, client_sees)):
            listed = (await http.get("/team-members", params=query)).json()["items"]
            assert [each["name"] for each in listed] == expected, query
    seen = (await client.http.get(f"/team-members/{zoe['id']}")).json()
    assert seen == {"id": zoe["id"], "name": "Zoe", "service_ids": [yoga["id"]]}
    assert (await client.http.get(f"/team-members/{amel['id']}")).status_code == 200
    assert (await client.http.get(f"/team-members/{gone['id']}")).status_code == 404


async def test_another_tenants_people_are_not_there(company: Company, other_company: Company) -> None:
    theirs = await team_member(other_company)
    path = f"/team-members/{theirs['id']}"
    for answer in (await company.admin.http.get(path), await company.admin.http.patch(path, json={"active": False})):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("leaves", ["the tenant", "the staff"])
async def test_who_leaves_is_not_booked_any_more(company: Company, leaves: str) -> None:
    made = await team_member(company)
    admin = company.admin.http
    if leaves == "the tenant":
        answer = await admin.delete(f"/users/{made['account_id']}")
    else:
        customer_id = (await company.customer())["id"]
        answer = await admin.patch(f"/users/{made['account_id']}", json={"customer_id": customer_id})
    assert answer.status_code in (200, 204), answer.text
    assert (await admin.get(f"/team-members/{made['id']}")).json()["active"] is False
