"""Personal data, what people write, and secrets stay in the database: no log and no history contains them."""

import json
from uuid import uuid4

import httpx2
import pytest
from temporalio.client import Client

from runtime.settings import Settings
from tests.e2e import desk
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

CANARY = f"canary{uuid4().hex[:12]}"
EMAIL = f"{CANARY}@example.org"


@pytest.fixture
async def temporal(stack: RunningStack) -> Client:
    return await stack.temporal()


async def test_no_log_and_no_history_tells_what_was_written(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, temporal: Client
) -> None:
    customer_says = {"subject": f"{CANARY} subject", "body": f"{CANARY} body, write to {EMAIL}"}
    opened = await customer.post("tickets", json=customer_says, headers={"X-Correlation-Id": f"{CANARY}-{uuid4()}"})
    assert opened.status_code == 201, opened.text
    ticket, ident, of_answer = opened.json(), opened.headers["x-correlation-id"], str(uuid4())
    answered = {"json": {"body": f"{CANARY} answer"}, "headers": {"X-Correlation-Id": of_answer}}
    assert (await agent.post(f"tickets/{ticket['id']}/messages", **answered)).status_code == 201
    await desk.do(agent, ticket, "messages", body=f"{CANARY} note", internal=True)
    await desk.do(agent, ticket, "status", status="resolved", reason=f"{CANARY} reason")
    await desk.do(agent, ticket, "reopen", reason=f"{CANARY} regret")
    edited = await agent.patch(f"tickets/{ticket['id']}", json={"subject": f"{CANARY} once more"})
    assert edited.status_code == 200
    await _what_goes_wrong(people.nobody, agent, ticket)
    await desk.mailed(people, ticket, "Answer this mail")
    sent = (of_answer, "deliveries.send_step")
    await eventually(lambda: _lines(stack, "worker", *sent), "the log tells of the answer's mail")

    secrets = {
        "what was written": CANARY,
        "a person's address": "@globex.example",
        "a token": customer.headers["Authorization"].partition(" ")[2],
        "the password": Settings.model_fields["demo_password"].default.get_secret_value(),
    }
    logs = {path.name: path.read_text(errors="replace") for path in (stack.home / "logs").glob("*.log*")}
    assert {"api.log", "worker.log", "postgres.log", "temporal.log"} <= set(logs)
    for what, secret in secrets.items():
        assert [name for name, text in logs.items() if secret in text] == [], what
    handle = temporal.get_workflow_handle(f"ticket/{ticket['id']}")
    known = (await handle.describe()).raw_description.SerializeToString()
    # Not as JSON: there each payload is in base64, and nothing would ever be found.
    known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
    assert ticket["id"].encode() in known
    for what, secret in secrets.items():
        assert secret.encode() not in known, what

    # The same id is on the request's line, on the step's, on the event and in the workflow's header.
    assert _lines(stack, "api", ident, "/api/v1/tickets")
    assert _lines(stack, "worker", ident, "ticket.take_step")
    assert (await desk.timeline(agent, ticket))[0]["correlation_id"] == ident
    first = await anext(aiter(handle.fetch_history_events()))
    header = first.workflow_execution_started_event_attributes.header.fields
    assert json.loads(header["correlation-id"].data) == ident


async def _what_goes_wrong(nobody: httpx2.AsyncClient, agent: httpx2.AsyncClient, ticket: desk.Json) -> None:
    """Requests that are refused in every way, each with a canary in it."""
    login = {"email": EMAIL, "password": f"{CANARY} password"}
    assert (await nobody.post("auth/login", json=login)).status_code == 401
    assert (await nobody.post("auth/login", json={**login, "tenant": "globex"})).status_code == 401
    assert (await nobody.post("auth/login", json={**login, CANARY: 1})).status_code == 422
    assert (await nobody.get("tickets", headers={"Authorization": f"Bearer {CANARY}"})).status_code == 401
    broken = {"content": f'{{"subject": "{CANARY}'.encode(), "headers": {"Content-Type": "application/json"}}
    assert (await agent.post("tickets", **broken)).status_code == 400
    assert (await agent.post(f"tickets/{ticket['id']}/messages", json={"body": f"{CANARY}\x00"})).status_code == 422
    assert (await agent.get("tickets", params={"q": CANARY})).status_code == 200
    assert (await agent.get(f"tickets/{CANARY}")).status_code == 422
    assert (await agent.get(CANARY)).status_code == 404
    assert (await agent.post("calendars", json={"name": CANARY})).status_code in (403, 422)


def _lines(stack: RunningStack, part: str, *words: str) -> list[str]:
    return [line for line in stack.log(part).splitlines() if all(word in line for word in words)]
