"""What comes all at once: a hundred people change one ticket, many deadlines fall on one moment. All are taken, one
after the other, and each once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2

from domain.callbacks.rules import REMIND_BEFORE
from tests.e2e import invariants
from tests.e2e.desk import Json, open_ticket, read, ticket_as_read, timeline
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

A_FEW_SECONDS = timedelta(seconds=6)


async def test_a_hundred_commands_at_once_are_each_taken_once_or_refused(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    ledger = Ledger()

    answers = await asyncio.gather(
        *(ledger.ask(who, f"tickets/{ticket['id']}/{deed}", body) for who, deed, body in _deeds(customer, agent))
    )

    assert len(answers) == 100
    assert ledger.statuses.keys() <= {200, 201, 202, 409}, ledger.statuses
    await invariants.check(stack, people, ledger)
    events = await timeline(agent, ticket)
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert (await ticket_as_read(agent, ticket))["version"] == len(events)
    assert len(events) > sum(answer.done for answer in answers)


async def test_deadlines_of_one_moment_are_each_settled_once(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    wish = {"phone": "+213550123456", "topic": "My invoice"}
    answers = await asyncio.gather(*(customer.post("callbacks", json=wish) for _ in range(20)))
    paths = [f"callbacks/{answer.json()['id']}" for answer in answers]
    moment = (datetime.now(UTC) + A_FEW_SECONDS).replace(microsecond=0)
    at = {"at": (moment + REMIND_BEFORE).isoformat()}
    planned = await asyncio.gather(*(agent.post(f"{path}/plan", json=at) for path in paths))
    assert {answer.status_code for answer in planned} == {200}

    async def versions() -> set[int]:
        newest = (await read(agent, "callbacks", sort="-number", limit=len(paths)))["items"]
        assert {f"callbacks/{each['id']}" for each in newest} == set(paths)
        return {each["version"] for each in newest}

    async def all_reminded() -> bool:
        return await versions() == {3}

    await eventually(all_reminded, "an agent is reminded of each", every=0.5)
    await invariants.check(stack, people)
    assert await versions() == {3}


def _deeds(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> Iterator[tuple[httpx2.AsyncClient, str, Json]]:
    """The changes that are asked for. In any order some are refused: setting the same priority twice changes
    nothing."""
    priorities, states = ("low", "high", "urgent"), ("in_progress", "on_hold", "waiting_for_response", "open")
    for number in range(20):
        yield customer, "messages", {"body": f"Customer {number}"}
        yield agent, "messages", {"body": f"Agent {number}"}
        yield agent, "messages", {"body": f"Note {number}", "internal": True}
        yield agent, "priority", {"priority": priorities[number % len(priorities)]}
        yield agent, "status", {"status": states[number % len(states)]}
