"""Any process may be killed at any time: what was answered stays true, and what was begun is finished."""

import asyncio
import os
import signal

import httpx2
import pytest

from tests.e2e import invariants
from tests.e2e.desk import new_key, settled
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

AT_ONCE = 20
FAULTS = [
    pytest.param("worker", signal.SIGKILL, 200, id="worker killed"),
    pytest.param("api", signal.SIGKILL, 40, id="api killed"),
    pytest.param("temporal", signal.SIGKILL, 40, id="temporal killed"),
    pytest.param("postgres", signal.SIGKILL, 40, id="postmaster killed"),
    pytest.param("postgres", signal.SIGQUIT, 40, id="postgres stopped at once"),
]


@pytest.mark.parametrize(("part", "fault", "tickets"), FAULTS)
async def test_a_crash_under_load_loses_nothing_and_does_nothing_twice(
    stack: RunningStack,
    people: People,
    customer: httpx2.AsyncClient,
    agent: httpx2.AsyncClient,
    part: str,
    fault: signal.Signals,
    tickets: int,
) -> None:
    ledger = Ledger()
    batch = new_key()
    crowd = asyncio.Semaphore(AT_ONCE)
    backs = stack.said(f"{part} is back")

    async def live(number: int) -> None:
        async with crowd:
            path = await _open(ledger, customer, f"{batch} {number}")
            if number % 2 == 0:
                await ledger.ask(agent, f"{path}/messages", {"body": "We see it too."})

    async with asyncio.TaskGroup() as lives:
        for number in range(tickets):
            lives.create_task(live(number))
        await eventually(lambda: len(ledger.answers) > tickets / 2, "the load is under way", every=0.01)
        os.kill(stack.part(part), fault)

    await eventually(lambda: stack.said(f"{part} is back") > backs, f"{part} runs again", within=60)
    for answer in ledger.answers:
        if answer.status == 202:
            assert (await settled(agent, answer.command_id))["status"] == "done", answer
    assert ledger.statuses.keys() <= {200, 201, 202}, ledger.statuses
    found = await agent.get("tickets", params={"q": batch, "count": True})
    assert found.json()["total"] == tickets
    await invariants.check(stack, people, ledger)


async def _open(ledger: Ledger, customer: httpx2.AsyncClient, subject: str) -> str:
    """Opens a ticket, waiting for it through an outage; returns its path."""
    opened = await ledger.ask(customer, "tickets", {"subject": subject, "body": "Quick, before it crashes!"})
    assert opened.status in (201, 202), opened
    if opened.status == 202:
        await settled(customer, opened.command_id)
    return f"tickets/{opened.body.get('id') or opened.body['case_id']}"
