"""Callbacks over HTTP: what is taken, what is refused, who sees what, and what stays in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.desk import Json, assert_problem, mailed, read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

PHONE, IN_FULL = "+213 550 12 34 56", "+213550123456"
CANARY = f"canary{uuid4().hex[:12]}"


def ahead(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def ask(customer: httpx2.AsyncClient, **given: Any) -> Json:
    answer = await customer.post("callbacks", json={"phone": PHONE, "topic": "My invoice", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_it_is_asked_for_planned_and_made(
    people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    callback = await ask(customer, from_at="2030-01-01T14:00:00+01:00", to_at="2030-01-01T16:00:00+01:00")
    assert (callback["phone"], callback["from_at"]) == (IN_FULL, "2030-01-01T13:00:00Z")
    path = f"callbacks/{callback['id']}"

    planned = await agent.post(f"{path}/plan", json={"at": ahead(2)}, headers={"If-Match": '"1"'})
    assert planned.status_code == 200, planned.text
    assert (planned.json()["status"], planned.headers["ETag"]) == ("planned", '"2"')
    await mailed(people, callback, "call you on")
    stale = await agent.post(f"{path}/plan", json={"at": ahead(3)}, headers={"If-Match": '"1"'})
    assert_problem(stale, 412, "version_mismatch")

    [task] = [task for task in await waiting(agent) if task["case"]["id"] == callback["id"]]
    done = await agent.post(f"reviews/{task['id']}/decision", json={"decision": "done"})
    assert done.status_code == 200, done.text
    seen = await customer.get(path)
    assert (seen.json()["status"], seen.headers["ETag"]) == ("done", '"3"')
    told = (await read(customer, f"{path}/timeline"))["items"]
    assert [event["kind"] for event in told] == ["opened", "planned", "done"]
    assert all("tasks" not in event["changes"] for event in told)
    assert_problem(await agent.post(f"{path}/plan", json={"at": ahead(4)}), 409, "callback_settled")


async def test_the_list_filters_by_status_and_customer(
    customer: httpx2.AsyncClient, other_customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    mine, theirs = await ask(customer), await ask(other_customer)
    assert (await agent.post(f"callbacks/{mine['id']}/plan", json={"at": ahead(1)})).status_code == 200

    async def ids(person: httpx2.AsyncClient, **query: Any) -> set[str]:
        return {item["id"] for item in (await read(person, "callbacks", limit=200, **query))["items"]}

    assert theirs["id"] not in await ids(customer)
    assert {mine["id"], theirs["id"]} <= await ids(agent)
    assert mine["id"] in await ids(agent, status="planned") - await ids(agent, status="open")
    assert theirs["id"] in await ids(agent, customer_id=theirs["customer_id"], sort="-number")
    assert mine["id"] not in await ids(agent, customer_id=theirs["customer_id"])
    assert_problem(await agent.get("callbacks", params={"sort": "phone"}), 422, "sort_unknown")


@pytest.mark.parametrize(
    "given",
    [
        {"phone": "0550 12 34 56"},
        {"phone": "+213 1"},
        {"phone": "+213 550 12 34 56 ext. 7"},
        {"phone": "call me"},
        {"topic": "two\nlines"},
        {"topic": ""},
        {"topic": "x" * 201},
        {"from_at": "2030-01-01T14:00:00"},
        {"from_at": "0001-01-01T00:00:00+14:00"},
        {"from_at": "2030-01-02T00:00:00Z", "to_at": "2030-01-01T00:00:00Z"},
        {"status": "done"},
    ],
)
async def test_what_cannot_be_is_refused(customer: httpx2.AsyncClient, given: Json) -> None:
    assert_problem(await customer.post("callbacks", json={"phone": PHONE, "topic": "x", **given}), 422, "invalid")


@pytest.mark.parametrize(
    ("at", "status", "code"),
    [
        ("2020-01-01T00:00:00Z", 409, "plan_impossible"),
        ("9999-12-31T23:59:59Z", 409, "plan_impossible"),
        ("0001-01-01T00:00:00+14:00", 422, "invalid"),
        ("2030-01-01T00:00:00", 422, "invalid"),
    ],
)
async def test_a_call_cannot_be_planned_for_then(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, at: str, status: int, code: str
) -> None:
    callback = await ask(customer)
    assert_problem(await agent.post(f"callbacks/{callback['id']}/plan", json={"at": at}), status, code)


async def test_staff_have_no_customer_to_be_called(people: People) -> None:
    admin = await people.log_in("admin@globex.example")
    assert_problem(await admin.post("callbacks", json={"phone": PHONE, "topic": "x"}), 403, "no_customer")


async def test_nobody_gives_up_without_a_reason(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> None:
    callback = await ask(customer)
    [task] = [task for task in await waiting(agent) if task["case"]["id"] == callback["id"]]
    path = f"reviews/{task['id']}/decision"
    assert_problem(await agent.post(path, json={"decision": "reject"}), 422, "reason_required")
    assert_problem(await agent.post(path, json={"decision": "approve"}), 422, "decision_invalid")


async def test_a_tenant_sets_when_to_give_up(people: People) -> None:
    admin = await people.log_in("admin@globex.example")
    assert (await read(admin, "settings"))["callbacks"] == {"give_up_days": 7}
    for days in (0, 367, None):
        assert_problem(await admin.patch("settings", json={"callbacks": {"give_up_days": days}}), 422, "invalid")


async def test_no_log_and_no_history_tells_the_number_or_the_topic(
    stack: RunningStack, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    phone = f"+21355{uuid4().int % 10_000_000:07}"
    callback = await ask(customer, phone=phone, topic=f"{CANARY} topic")
    assert (await agent.post(f"callbacks/{callback['id']}/plan", json={"at": ahead(1)})).status_code == 200
    assert (
        await customer.post("callbacks", json={"phone": f"{phone}x", "topic": CANARY, CANARY: 1})
    ).status_code == 422
    [task] = [task for task in await waiting(agent) if task["case"]["id"] == callback["id"]]
    rejected = {"decision": "reject", "reason": f"{CANARY} reason"}
    assert (await agent.post(f"reviews/{task['id']}/decision", json=rejected)).status_code == 200

    logs = {file.name: file.read_text(errors="replace") for file in (stack.home / "logs").glob("*.log*")}
    temporal = await stack.temporal()
    handle = temporal.get_workflow_handle(f"callback/{callback['id']}")
    known = (await handle.describe()).raw_description.SerializeToString()
    known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
    assert callback["id"].encode() in known
    for secret in (CANARY, phone):
        assert [name for name, log in logs.items() if secret in log] == []
        assert secret.encode() not in known


async def waiting(agent: httpx2.AsyncClient) -> list[Json]:
    """The pending tasks to call somebody."""
    query = {"kind": "callback", "status": "pending", "sort": "-opened_at", "limit": 200}
    tasks: list[Json] = (await read(agent, "reviews", **query))["items"]
    return tasks
