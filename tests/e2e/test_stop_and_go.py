"""`make up`, SIGTERM under load, `make up`: nothing is left running, and nothing is lost."""

import asyncio

import httpx2

from tests.e2e import invariants
from tests.e2e.desk import do, kinds, open_ticket
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually


async def test_stopped_under_load_it_leaves_no_process_and_goes_on_where_it_stopped(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    ledger = Ledger()

    async with asyncio.TaskGroup() as asking:
        for number in range(40):
            note = {"body": f"Note {number}", "internal": True}
            asking.create_task(ledger.ask(agent, f"tickets/{ticket['id']}/messages", note))
        await eventually(lambda: len(ledger.answers) > 5, "some are answered", every=0.01)
        assert await stack.stop() == []
        await stack.start()

    await invariants.check(stack, people, ledger)
    assert await kinds(agent, ticket) == ["opened", *["note_added"] * 40]
    assert (await do(agent, ticket, "status", status="resolved"))["status"] == "resolved"
