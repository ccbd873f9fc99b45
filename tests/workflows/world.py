"""The people of the demo tenants, acting over HTTP while time is skipped."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx2
from fastapi import FastAPI
from temporalio import workflow
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import WorkflowHistory
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.cases.carrying import CommandActivities
from api.cases.dispatch import Done
from models.cases import CommandRow
from models.database import Database
from tests.workflows.histories import Begun
from tests.workflows.mail import Postbox

PASSWORD = "Casewright-demo-2026!"
PATIENCE = 30.0
SOME_HOURS = timedelta(hours=6)
A_MINUTE = timedelta(minutes=1)

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """What `look` sees once `holds` is true of it; fails when that takes too long."""
    deadline, pause = asyncio.get_running_loop().time() + PATIENCE, 0.02
    while not holds(seen := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"still: {seen}"
        await asyncio.sleep(pause)
        pause = min(1.3 * pause, 0.2)
    return seen


def after_ten_steps(info: workflow.Info) -> bool:
    """Stands for the engine's suggestion to continue as new: once, and by what the case itself remembers."""
    return info.continued_run_id is None and workflow.instance().case.version >= 10


class World:
    def __init__(
        self, environment: WorkflowEnvironment, app: FastAPI, database: Database, postbox: Postbox, begun: Begun
    ) -> None:
        self.environment = environment
        self.begun = begun
        self.database = database
        self.postbox = postbox
        self._app = app
        self._people: dict[str, httpx2.AsyncClient] = {}

    async def person(self, name: str) -> httpx2.AsyncClient:
        """A logged-in client of acme's `name`, or of another tenant's as `name@tenant`."""
        if name not in self._people:
            address = name if "@" in name else f"{name}@acme"
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(self._app), base_url="http://test/api/v1")
            answer = await http.post("/auth/login", json={"email": f"{address}.example", "password": PASSWORD})
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            self._people[name] = http
        return self._people[name]

    async def visitor(self) -> httpx2.AsyncClient:
        """Somebody who has not logged in."""
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self._app), base_url="http://test/api/v1")

    async def open_ticket(self, priority: str = "medium", by: str = "client", *, received: bool = False) -> "Life":
        """A new ticket of acme's client, who has `received` the mail that says so."""
        answer = await (await self.person(by)).post(
            "/tickets", json={"subject": "Canary subject", "body": "Canary body", "priority": priority}
        )
        assert answer.status_code == 201, answer.text
        life = Life(self, answer.json())

        async def receipts() -> list[str]:
            return self.postbox.openings(life.number)

        if received:
            await eventually(receipts, bool)
        return life

    async def sweep(self) -> int:
        """Delivers what is pending, as the round of a worker would; returns how many commands were settled."""
        dispatcher = self._app.state.services.dispatcher

        async def redeliver(command: CommandRow) -> bool:
            return isinstance(await dispatcher.dispatch(command), Done)

        commands = CommandActivities(self.database, redeliver, after=timedelta(seconds=-5))
        return await ActivityEnvironment().run(commands.sweep)

    async def now(self, case: str | None = None) -> datetime:
        """The time of the world; in the real one each case, by its workflow's id, has its own."""
        return await self.environment.get_current_time()

    async def pass_time(self, case: str, duration: timedelta) -> None:
        """Time goes by, for the case at least."""
        asked = SleepRequest()
        asked.duration.FromTimedelta(duration)
        # As `WorkflowEnvironment.sleep`, which gives up after ten seconds: no time is skipped while anything is done.
        await self.environment.client.test_service.unlock_time_skipping_with_sleep(asked, timeout=A_MINUTE)


class Life:
    """One case, from outside: a ticket, unless a subclass says otherwise."""

    kind = "ticket"
    path = "/tickets/{}"

    def __init__(self, world: World, opened: dict[str, Any]) -> None:
        self.world = world
        self.opened = opened
        self.id = opened["id"]
        self.number = opened["number"]

    @property
    def url(self) -> str:
        return self.path.format(self.id)

    @property
    def case(self) -> str:
        """The id of the case's workflow."""
        return f"{self.kind}/{self.id}"

    async def does(self, who: str, command: str, **body: Any) -> httpx2.Response:
        """Somebody's command."""
        return await (await self.world.person(who)).post(f"{self.url}/{command}", json=body)

    async def read(self) -> dict[str, Any]:
        """The case as an agent reads it."""
        return (await (await self.world.person("agent")).get(self.url)).json()

    async def sla(self) -> dict[str, dict[str, Any]]:
        """The clocks by name."""
        clocks = (await (await self.world.person("agent")).get(f"{self.url}/sla")).json()
        return {clock["clock"]: clock for clock in clocks}

    async def tasks(self, case_id: str | None = None, **wanted: str) -> list[dict[str, Any]]:
        """Its tasks, or those of another case, the newest first."""
        query = {"case_id": case_id or self.id, "sort": "-opened_at", **wanted}
        return (await (await self.world.person("manager")).get("/reviews", params=query)).json()["items"]

    async def kinds(self) -> list[str]:
        """What happened so far."""
        events = (await (await self.world.person("agent")).get(f"{self.url}/timeline?limit=200")).json()["items"]
        assert [event["version"] for event in events] == list(range(1, len(events) + 1))
        return [event["kind"] for event in events]

    async def passes(self, duration: timedelta) -> None:
        """Time goes by, a few hours at a time: whatever falls due meanwhile, one call is soon answered."""
        while duration > timedelta(0):
            await self.world.pass_time(self.case, min(duration, SOME_HOURS))
            duration -= SOME_HOURS

    async def until(self, moment: str, plus: timedelta = timedelta(seconds=1)) -> None:
        """Time goes by until just after an ISO 8601 moment."""
        await self.passes(datetime.fromisoformat(moment) + plus - await self.world.now(self.case))

    async def becomes(self, status: str) -> dict[str, Any]:
        """The case once it has come into a state."""
        return await eventually(self.read, lambda case: case["status"] == status)

    async def happens(self, kind: str, times: int = 1) -> list[str]:
        """What happened, once `kind` has so many times."""
        return await eventually(self.kinds, lambda kinds: kinds.count(kind) >= times)

    async def mails(self, count: int) -> list[str]:
        """The mails about the case, once there are as many."""

        async def look() -> list[str]:
            return self.world.postbox.about(self.number)

        return await eventually(look, lambda mails: len(mails) >= count)

    async def history(self) -> WorkflowHistory:
        """The newest run's history."""
        return await self.world.environment.client.get_workflow_handle(self.case).fetch_history()
