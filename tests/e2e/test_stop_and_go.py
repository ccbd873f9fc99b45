"""`make up`, SIGTERM, `make up`: nothing is left running, and nothing is lost."""

import asyncio

import pytest

from tests.e2e import invariants
from tests.e2e.desk import do, kinds, open_ticket, ticket_as_read
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually


async def test_stopped_under_load_it_leaves_no_process_and_goes_on_where_it_stopped(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    stack = RunningStack(tmp_path_factory.mktemp("stop-and-go"))
    people = People(stack.address)
    ledger = Ledger()
    try:
        await stack.start()
        customer = await people.log_in("client@globex.example")
        agent = await people.log_in("agent@globex.example")
        ticket = await open_ticket(customer)

        async with asyncio.TaskGroup() as asking:
            for number in range(40):
                asking.create_task(
                    ledger.ask(agent, f"tickets/{ticket['id']}/messages", {"body": f"{number}", "internal": True})
                )
            await eventually(lambda: len(ledger.answers) > 5, "some are answered", every=0.01)
            assert await stack.stop() == []
            await stack.start()

        await invariants.check(stack, people, ledger)
        assert await kinds(agent, ticket) == ["opened", *["note_added"] * 40]
        await do(agent, ticket, "status", status="resolved")
        assert (await ticket_as_read(customer, ticket))["status"] == "resolved"
        assert await stack.stop() == []
    finally:
        await people.close()
        stack.remove()
