"""A hundred people who change one ticket at once: they are taken one after the other, and each gets the right
answer."""

import asyncio
from collections.abc import Iterator

import httpx2

from tests.e2e import invariants
from tests.e2e.desk import Json, open_ticket, ticket_as_read, timeline
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack


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
