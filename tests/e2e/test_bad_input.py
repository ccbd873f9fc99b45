"""Input that nobody should send: always a 4xx problem that names the field, never a 5xx."""

import base64
import json
from typing import Any

import httpx2
import pytest

from tests.e2e.desk import Json, assert_problem, open_ticket, read
from tests.stack.people import People

GOOD = {"subject": "A subject", "body": "A body"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"subject": None}, "subject", id="null"),
        pytest.param({"subject": 7}, "subject", id="a number for a text"),
        pytest.param({"subject": "   "}, "subject", id="blank"),
        pytest.param({"subject": "x" * 201}, "subject", id="too long a subject"),
        pytest.param({"body": "x" * 50_001}, "body", id="too long a body"),
        pytest.param({"subject": "NUL \x00 inside"}, "subject", id="a NUL in the subject"),
        pytest.param({"body": "NUL \x00 inside"}, "body", id="a NUL in the body"),
        pytest.param({"priority": "catastrophic"}, "priority", id="an unknown priority"),
        pytest.param({"category_id": "not-a-uuid"}, "category_id", id="a malformed id"),
        pytest.param({"category_id": "01a1f946-2df5-73ac-840d-000000000000"}, "category_id", id="an unknown category"),
        pytest.param({"colour": "red"}, "colour", id="an unknown field"),
        pytest.param({"status": "closed"}, "status", id="a field that only commands move"),
    ],
)
async def test_a_ticket_with_a_wrong_field_is_refused_by_its_name(
    customer: httpx2.AsyncClient, given: Json, field: str
) -> None:
    before = (await read(customer, "tickets", count=True))["total"]
    answer = await customer.post("tickets", json=GOOD | given)
    assert_problem(answer, 422, field=field)
    assert (await read(customer, "tickets", count=True))["total"] == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 422, id="nothing"),
        pytest.param(b"{", 400, id="cut off"),
        pytest.param(b'{"subject": "a", }', 400, id="a trailing comma"),
        pytest.param(b"\xff\xfe", 400, id="not UTF-8"),
        pytest.param(b"[]", 422, id="a list"),
        pytest.param(b"NaN", 422, id="not a number"),
        pytest.param(b"[" * 200_000, 400, id="nested without end"),
        pytest.param(b'{"subject": ' + b"9" * 6_000 + b"}", 400, id="a number without end"),
        pytest.param(b'{"subject": "\\ud800", "body": "b"}', 422, id="half a character"),
        pytest.param(b'{"subject": "a", "body": "b", "\\ud800": 1}', 422, id="half a character as a field"),
        pytest.param(b'"' + b"x" * 1_100_000 + b'"', 413, id="too large"),
    ],
)
async def test_a_body_that_is_not_a_payload_is_refused(customer: httpx2.AsyncClient, body: bytes, status: int) -> None:
    answer = await customer.post("tickets", content=body, headers=JSON)
    assert_problem(answer, status)


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [
        pytest.param("status", {"status": "lost"}, "status", id="an unknown state"),
        pytest.param("status", {"status": "on_hold", "reason": "x" * 1_001}, "reason", id="too long a reason"),
        pytest.param("status", {"status": "on_hold", "reason": "\x00"}, "reason", id="a NUL in the reason"),
        pytest.param("reopen", {}, "reason", id="no reason"),
        pytest.param("assign", {"assignee_id": "me"}, "assignee_id", id="a malformed assignee"),
        pytest.param("assign", {}, "assignee_id", id="no assignee"),
        pytest.param(
            "assign", {"assignee_id": "01a1f946-2df5-73ac-840d-000000000000"}, "assignee_id", id="an unknown assignee"
        ),
        pytest.param(
            "transfer", {"group_id": "01a1f946-2df5-73ac-840d-000000000000"}, "group_id", id="an unknown group"
        ),
        pytest.param("messages", {"body": "x", "internal": "maybe"}, "internal", id="neither yes nor no"),
        pytest.param("close", {"resason": "typo"}, "resason", id="a misspelt field"),
    ],
)
async def test_a_command_with_a_wrong_field_is_refused_by_its_name(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, deed: str, body: Json, field: str
) -> None:
    ticket = await open_ticket(customer)
    answer = await agent.post(f"tickets/{ticket['id']}/{deed}", json=body)
    assert_problem(answer, 422, field=field)


async def test_a_customer_is_no_assignee(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> None:
    ticket = await open_ticket(customer)
    answer = await agent.post(f"tickets/{ticket['id']}/assign", json={"assignee_id": ticket["requester_id"]})
    assert_problem(answer, 422, "assignee_unknown", "assignee_id")


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


SOMEBODY = "01a1f946-2df5-73ac-840d-000000000000"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        pytest.param({"status": "lost"}, "status.0", id="an unknown state"),
        pytest.param({"sort": "colour"}, "sort", id="an unknown order"),
        pytest.param({"limit": 0}, "limit", id="no rows"),
        pytest.param({"limit": 100_000}, "limit", id="too many rows"),
        pytest.param({"offset": -1}, "offset", id="before the beginning"),
        pytest.param({"assignee_id": "me"}, "assignee_id", id="a malformed id"),
        pytest.param({"q": "a\x00b"}, "q", id="a NUL in the search"),
        pytest.param({"q": "x" * 201}, "q", id="too long a search"),
        pytest.param({"created_from": "2026-11-20T08:00:00"}, "created_from", id="a time without a zone"),
        pytest.param({"created_to": "2026-11-20"}, "created_to", id="a date without a zone"),
        pytest.param({"created_from": "soon"}, "created_from", id="not a time"),
        pytest.param({"cursor": "nonsense"}, "cursor", id="not a cursor"),
        pytest.param({"cursor": _cursor("number", "TCK", SOMEBODY)}, "cursor", id="another list's cursor"),
        pytest.param({"sort": "number", "cursor": _cursor("number", "a\x00", SOMEBODY)}, "cursor", id="a NUL in it"),
        pytest.param({"sort": "number", "cursor": _cursor("number", {}, SOMEBODY)}, "cursor", id="an object in it"),
        pytest.param({"sort": "number", "cursor": _cursor("number", "\ud800", SOMEBODY)}, "cursor", id="half a letter"),
    ],
)
async def test_a_list_asked_for_wrongly_is_refused_by_the_parameter(
    agent: httpx2.AsyncClient, params: Json, field: str
) -> None:
    answer = await agent.get("tickets", params=params)
    assert_problem(answer, 422, field=field)


async def test_a_malformed_id_in_the_path_is_refused(agent: httpx2.AsyncClient) -> None:
    assert_problem(await agent.get("tickets/TCK-20261120-00001"), 422, "invalid", "ticket_id")
    assert_problem(await agent.get("commands/7"), 422, "invalid", "command_id")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"If-Match": "yesterday"}, id="a version that is none"),
        pytest.param({"Idempotency-Key": "two words"}, id="a key with a space"),
        pytest.param({"Idempotency-Key": "x" * 256}, id="too long a key"),
    ],
)
async def test_a_malformed_header_is_refused_by_its_name(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, headers: Json
) -> None:
    ticket = await open_ticket(customer)
    answer = await agent.post(f"tickets/{ticket['id']}/priority", json={"priority": "low"}, headers=headers)
    assert_problem(answer, 422, "invalid", next(iter(headers)))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"email": "not an address"}, "email", id="not an address"),
        pytest.param({"email": "a\x00@globex.example"}, "email", id="a NUL in the address"),
        pytest.param({"password": ""}, "password", id="no password"),
        pytest.param({"tenant": "x" * 64}, "tenant", id="too long a tenant"),
        pytest.param({"tenant": "glo\x00bex"}, "tenant", id="a NUL in the tenant"),
        pytest.param({"admin": True}, "admin", id="an unknown field"),
    ],
)
async def test_a_malformed_login_is_refused_by_the_field(people: People, given: Json, field: str) -> None:
    login = {"email": "client@globex.example", "password": "Casewright-demo-2026!"}
    answer = await people.nobody.post("auth/login", json=login | given)
    assert_problem(answer, 422, field=field)


async def test_what_is_not_there_and_what_is_not_done_are_problems_too(agent: httpx2.AsyncClient) -> None:
    assert_problem(await agent.get("nowhere"), 404, "not_found")
    assert_problem(await agent.delete(f"tickets/{SOMEBODY}"), 405, "method_not_allowed")
