"""Steps of the tests: one quote over HTTP, while time is skipped."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx2
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from api.registry import KINDS
from runtime.client import DATA_CONVERTER
from tests.stack.mails import text_of
from tests.workflows.world import SOME_HOURS, World, eventually

Json = dict[str, Any]
LINK = re.compile(r"http\S+/q/(\S+)")
LINES: list[Json] = [{"name": "Canary line", "quantity": "2.5", "unit_price": 10_000}]
"""250.00 with the usual tax of 19 %: 297.50."""


async def history_of(world: World, case: str) -> WorkflowHistory:
    """The newest run's history, which must replay and hold no personal data."""
    history = await world.environment.client.get_workflow_handle(case).fetch_history()
    replayer = Replayer(workflows=[entry.workflow for entry in KINDS.values()], data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(history)
    assert not any(b"Canary" in event.SerializeToString() for event in history.events)
    return history


async def write_quote(world: World, by: str = "agent", customer: str = "client", **given: Any) -> "QuoteLife":
    """A new draft for one of acme's customers."""
    me = (await (await world.person(customer)).get("/me")).json()
    body = {"customer_id": me["customer"]["id"], "lines": LINES, "notes": "Canary notes", **given}
    answer = await (await world.person(by)).post("/quotes", json=body)
    assert answer.status_code == 201, answer.text
    return QuoteLife(world, answer.json())


class QuoteLife:
    def __init__(self, world: World, written: Json) -> None:
        self.world = world
        self.written = written
        self.id = written["id"]
        self.number = written["number"]

    @property
    def case(self) -> str:
        """The id of the quote's workflow."""
        return f"quote/{self.id}"

    async def does(self, who: str, command: str, **body: Any) -> httpx2.Response:
        """Somebody's command."""
        return await (await self.world.person(who)).post(f"/quotes/{self.id}/{command}", json=body or None)

    async def done(self, who: str, command: str, **body: Any) -> Json:
        """Somebody's command, which must be taken."""
        answer = await self.does(who, command, **body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def refused(self, who: str, command: str, code: str, **body: Any) -> None:
        """Somebody's command, which must be refused with this code."""
        answer = await self.does(who, command, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text

    async def edits(self, who: str, **body: Any) -> httpx2.Response:
        """A draft's new content."""
        return await (await self.world.person(who)).put(f"/quotes/{self.id}", json={"lines": LINES, **body})

    async def sent(self) -> Json:
        """Submitted within the limits, and sent."""
        await self.done("agent", "submit")
        return await self.done("agent", "send")

    async def read(self, who: str = "agent") -> Json:
        """The quote as it reads now."""
        return (await (await self.world.person(who)).get(f"/quotes/{self.id}")).json()

    async def task(self) -> Json:
        """The pending task of the quote."""
        manager = await self.world.person("manager")
        query = {"status": "pending", "case_id": self.id}
        (task,) = (await manager.get("/reviews", params=query)).json()["items"]
        return task

    async def decides(self, who: str, **decision: Any) -> httpx2.Response:
        """A decision on the pending task."""
        return await (await self.world.person(who)).post(
            f"/reviews/{(await self.task())['id']}/decision", json=decision
        )

    async def kinds(self) -> list[str]:
        """What happened so far."""
        events = (await (await self.world.person("agent")).get(f"/quotes/{self.id}/timeline")).json()["items"]
        assert [event["version"] for event in events] == list(range(1, len(events) + 1))
        return [event["kind"] for event in events]

    async def happens(self, kind: str, times: int = 1) -> list[str]:
        """What happened, once `kind` has so many times."""
        return await eventually(self.kinds, lambda kinds: kinds.count(kind) >= times)

    async def passes(self, duration: timedelta) -> None:
        """Time goes by, a few hours at a time."""
        while duration > timedelta(0):
            await self.world.pass_time(self.case, min(duration, SOME_HOURS))
            duration -= SOME_HOURS

    async def until(self, moment: str, plus: timedelta) -> None:
        """Time goes by until so long after an ISO 8601 moment."""
        await self.passes(datetime.fromisoformat(moment) + plus - await self.world.now(self.case))

    async def mails(self, count: int) -> list[Any]:
        """The mails about the quote, once there are as many."""

        async def look() -> list[Any]:
            return self.world.postbox.letters(self.number)

        return await eventually(look, lambda mails: len(mails) >= count)

    async def link(self) -> str:
        """The token of the link that was mailed to the customer."""
        for mail in await self.mails(1):
            if found := LINK.search(text_of(mail)):
                return found.group(1)
        raise AssertionError("no mail has a link")

    async def history(self) -> WorkflowHistory:
        """The newest run's history."""
        return await history_of(self.world, self.case)
