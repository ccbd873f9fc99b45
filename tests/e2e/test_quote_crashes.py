"""A worker is killed while quotes are sent and replaced: no half-replaced version, no mail without its paper."""

import asyncio
import os
import signal

import httpx2

from tests.e2e import invariants
from tests.e2e.desk import Json, read, settled
from tests.e2e.ledger import Ledger
from tests.e2e.quotes import LINES
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

QUOTES = 12


async def test_a_killed_worker_leaves_no_quote_half_replaced(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ledger = Ledger()
    me = await read(customer, "me")
    backs = stack.said("worker is back")
    crowd = asyncio.Semaphore(6)

    async def deed(path: str, body: Json) -> Json:
        """Asks, and waits through the outage for what becomes of it."""
        answer = await ledger.ask(agent, path, body)
        assert answer.status in (200, 201, 202), answer
        if answer.status == 202:
            assert (await settled(agent, answer.command_id))["status"] == "done", answer
        return answer.body

    async def live() -> str:
        async with crowd:
            written = await deed("quotes", {"customer_id": me["customer"]["id"], "lines": LINES})
            quote_id = str(written.get("id") or written["case_id"])
            for step in ("submit", "send", "new-version"):
                await deed(f"quotes/{quote_id}/{step}", {})
            return quote_id

    async with asyncio.TaskGroup() as lives:
        running = [lives.create_task(live()) for _ in range(QUOTES)]
        await eventually(lambda: len(ledger.answers) > QUOTES, "the load is under way", every=0.01)
        os.kill(stack.part("worker"), signal.SIGKILL)

    await eventually(lambda: stack.said("worker is back") > backs, "the worker runs again", within=60)
    for life in running:
        versions = await read(agent, f"quotes/{life.result()}/versions")
        assert [(version["quote_version"], version["status"]) for version in versions] == [
            (1, "superseded"),
            (2, "draft"),
        ]
        assert versions[0]["superseded_by_id"] == versions[1]["id"]
        # Its workflow is there, whoever has begun it.
        next_version = f"quotes/{versions[1]['id']}"
        await deed(f"{next_version}/submit", {})
        assert (await read(agent, next_version))["status"] == "approved"
    await invariants.check(stack, people, ledger)
