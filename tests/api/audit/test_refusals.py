"""A refused request or login is in the audit: who, what, and why; nothing else is."""

import json
from uuid import uuid4

import pytest

from tests.api.audit.entries import CALENDAR, account_of, entries
from tests.api.demo_house import House


async def test_a_refusal_names_who_what_and_which_permission(in_house: House) -> None:
    ident = str(uuid4())
    client = await in_house.person("client@globex.example")
    refused = await client.post("/api/v1/calendars", json=CALENDAR, headers={"X-Correlation-Id": ident})
    assert refused.status_code == 403
    [entry] = await entries(in_house, "globex", correlation_id=ident)
    assert entry["action"] == "permission.refused"
    assert entry["detail"] == {
        "method": "POST",
        "route": "/api/v1/calendars",
        "code": "forbidden",
        "permission": "settings:write",
    }
    assert entry["address"] == "127.0.0.1"
    assert entry["actor_id"] == await account_of(in_house, "client@globex.example")


async def test_a_route_that_forbids_by_itself_leaves_an_entry_too(in_house: House) -> None:
    ident = str(uuid4())
    client = await in_house.person("client@globex.example")
    ticket = f"/api/v1/tickets/{uuid4()}/messages"
    refused = await client.post(ticket, json={"body": "psst", "internal": True}, headers={"X-Correlation-Id": ident})
    assert refused.status_code == 403
    [entry] = await entries(in_house, "globex", correlation_id=ident)
    assert entry["detail"]["route"] == "/api/v1/tickets/{ticket_id}/messages"


async def test_what_was_not_refused_leaves_no_refusal(in_house: House) -> None:
    ident = str(uuid4())
    admin = await in_house.person("admin@globex.example")
    answer = await admin.get(f"/api/v1/tickets/{uuid4()}", headers={"X-Correlation-Id": ident})
    assert answer.status_code == 404
    assert await entries(in_house, "globex", correlation_id=ident) == []


@pytest.mark.parametrize(
    ("email", "tenant", "code"),
    [
        ("agent@globex.example", None, "wrong_password"),
        ("agent@globex.example", "globex", "wrong_password"),
        ("nobody@globex.example", "globex", "unknown_account"),
    ],
)
async def test_a_refused_login_is_in_the_tenants_audit(
    in_house: House, email: str, tenant: str | None, code: str
) -> None:
    ident = str(uuid4())
    body = {"email": email, "password": "not the password", "tenant": tenant}
    answer = await in_house.nobody.post("/api/v1/auth/login", json=body, headers={"X-Correlation-Id": ident})
    assert answer.status_code == 401
    [entry] = await entries(in_house, "globex", correlation_id=ident)
    assert (entry["action"], entry["detail"]) == ("login.refused", {"code": code})
    assert email not in json.dumps(entry)


async def test_a_refused_login_that_names_nobody_is_nobodys(in_house: House) -> None:
    ident = str(uuid4())
    body = {"email": "nobody@nowhere.example", "password": "not the password"}
    answer = await in_house.nobody.post("/api/v1/auth/login", json=body, headers={"X-Correlation-Id": ident})
    assert answer.status_code == 401
    for slug in ("acme", "globex"):
        assert await entries(in_house, slug, correlation_id=ident) == []


async def test_a_login_is_in_ones_own_audit(in_house: House) -> None:
    reviewer = await in_house.person("reviewer@globex.example")
    mine = (await reviewer.get("/api/v1/audit/me")).json()["items"]
    assert "login.succeeded" in [entry["action"] for entry in mine]
    assert {entry["actor_id"] for entry in mine} == {await account_of(in_house, "reviewer@globex.example")}
