"""While the engine does not answer, what people ask for is written down, and done when it is back."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.e2e import invariants
from tests.e2e.desk import assert_problem, kinds, new_key, open_ticket, read, settled, ticket_as_read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack


@contextmanager
def _engine_away(stack: RunningStack) -> Iterator[None]:
    engine = stack.part("temporal")
    os.kill(engine, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(engine, signal.SIGCONT)


async def test_a_ticket_opened_while_the_engine_is_away_is_opened_when_it_is_back(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    body, headers = {"subject": "Is anybody there?", "body": "Hello?"}, {"Idempotency-Key": new_key()}
    with _engine_away(stack):
        answer = await customer.post("tickets", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        location = answer.headers["location"]
        assert location == f"/api/v1/commands/{answer.headers['Command-Id']}"
        assert (await read(customer, f"{stack.address}{location}"))["status"] == "pending"
        # Nobody sees a ticket that its workflow has not taken yet; but what is asked of it waits for that.
        path = f"tickets/{answer.json()['case_id']}"
        assert_problem(await customer.get(path), 404, "not_found")
        reply = await customer.post(f"{path}/messages", json={"body": "I am still here."})
        assert reply.status_code == 202, reply.text
        raised = await agent.post(f"{path}/priority", json={"priority": "urgent"})
        assert raised.status_code == 202, raised.text

    command = await settled(customer, answer.headers["Command-Id"])
    assert (command["status"], command["result"]) == ("done", {"version": 1})
    again = await customer.post("tickets", json=body, headers=headers)
    assert again.status_code == 201
    ticket = again.json()
    assert ticket["id"] == answer.json()["case_id"]
    assert ticket["number"]
    assert ticket["first_response_due_at"]
    for waiting in (reply, raised):
        assert (await settled(agent, waiting.headers["Command-Id"]))["status"] == "done"
    assert await kinds(agent, ticket) == ["opened", "customer_replied", "priority_changed"]
    await invariants.check(stack, people)


async def test_a_ticket_can_be_read_and_answered_while_the_engine_is_away(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    with _engine_away(stack):
        answer = await agent.post(f"tickets/{ticket['id']}/messages", json={"body": "We are here."})
        assert answer.status_code == 202, answer.text
        assert await ticket_as_read(customer, ticket) == ticket
        assert (await people.nobody.get(f"{stack.address}/readyz")).status_code == 200

    await settled(agent, answer.json()["command_id"])
    assert (await ticket_as_read(customer, ticket))["status"] == "answered"
    assert await kinds(agent, ticket) == ["opened", "agent_replied"]
    await invariants.check(stack, people)


async def test_what_was_asked_while_the_engine_was_away_is_not_overtaken(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    path = f"tickets/{ticket['id']}/messages"
    with _engine_away(stack):
        waiting = await asyncio.gather(*(agent.post(path, json={"body": f"{word}"}) for word in ("one", "two")))
        assert [answer.status_code for answer in waiting] == [202, 202]
    latest = await agent.post(path, json={"body": "three"})
    assert latest.status_code in (201, 202), latest.text
    for answer in (*waiting, latest):
        assert (await settled(agent, answer.headers["Command-Id"]))["status"] == "done"
    messages = (await read(agent, path))["items"]
    assert messages[-1]["body"] == "three"
    assert await kinds(agent, ticket) == ["opened", "agent_replied", "agent_replied", "agent_replied"]
