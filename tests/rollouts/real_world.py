"""The people of the demo tenants on the real server, with the workers of production, which come and go."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client, WorkflowHistory
from temporalio.common import WorkerDeploymentVersion
from temporalio.testing import TimeSkipper, WorkflowEnvironment

from api.cases.kinds import Kind
from api.registry import KINDS
from domain.cases import CaseKind
from models.database import Database
from ops.fast_forward import move_clock
from runtime.settings import Settings
from tests.rollouts.corpus import keep, replay
from tests.workflows.histories import Begun
from tests.workflows.mail import Postbox
from tests.workflows.world import World, eventually
from workers.deployment import DEPLOYMENT, promote
from workers.sweeps import sweeps_of
from workers.working import workers_of

A_SECOND = timedelta(seconds=1)


class RealWorld(World):
    """Each case has its own clock, and time goes by for one case at once."""

    def __init__(
        self,
        environment: WorkflowEnvironment,
        app: FastAPI,
        database: Database,
        postbox: Postbox,
        *,
        client: Client,
        settings: Settings,
    ) -> None:
        super().__init__(environment, app, database, postbox, Begun())
        self.app, self.client, self.settings = app, client, settings

    @asynccontextmanager
    async def workers(self, build_id: str, kinds: Mapping[CaseKind, Kind] = KINDS) -> AsyncIterator[None]:
        """Workers of a build during the block, which is the current one from then on."""
        version = WorkerDeploymentVersion(DEPLOYMENT, build_id)
        workers = workers_of(self.client, self.database, self.settings, kinds=kinds, version=version)
        running = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            await self.make_current(build_id)
            yield
        finally:
            await asyncio.gather(*(worker.shutdown() for worker in workers))
            await asyncio.gather(*running)

    async def make_current(self, build_id: str) -> None:
        """Gives the work to workers that are there already."""
        await promote(self.client, WorkerDeploymentVersion(DEPLOYMENT, build_id), patience=30)

    async def now(self, case: str | None = None) -> datetime:
        """The time of a case."""
        if case is None:
            return datetime.now(UTC)
        return await TimeSkipper(self.client).get_current_time(self.client.get_workflow_handle(case))

    async def pass_time(self, case: str, duration: timedelta) -> None:
        """Time goes by for one case."""
        await move_clock(self.client, case, max(duration, A_SECOND))

    async def sweep(self) -> int:
        """Delivers what is pending, as the round of a worker would; returns how many commands were settled."""
        return await sweeps_of(self.client, self.database, self.settings).commands.sweep()

    async def history(self, workflow_id: str, run_id: str | None = None) -> WorkflowHistory:
        """The history of a workflow's newest run, or of another."""
        return await self.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()

    async def history_at_rest(self, workflow_id: str) -> WorkflowHistory:
        """The history of a workflow's newest run, once nothing of it is under way."""

        async def rests() -> bool:
            now = (await self.client.get_workflow_handle(workflow_id).describe()).raw_description
            return not now.pending_activities and not now.HasField("pending_workflow_task")

        await eventually(rests, bool)
        return await self.history(workflow_id)

    async def keep(self, scenario: str, workflow_id: str, run_id: str | None = None) -> WorkflowHistory:
        """The history of a scenario, which replays on today's code, tells nothing of people, and joins the corpus."""
        history = await self.history(workflow_id, run_id)
        await replay(history)
        keep(scenario, history)
        return history

    async def settled(self, command_id: str) -> dict[str, Any]:
        """A command, once it is no longer pending."""
        agent = await self.person("agent")

        async def look() -> dict[str, Any]:
            return (await agent.get(f"/commands/{command_id}")).json()

        return await eventually(look, lambda command: command["status"] != "pending")

    def counted(self, **labels: str) -> float:
        """How many commands the API has counted with these labels."""
        families = text_string_to_metric_families(self.app.state.services.metrics.text().decode())
        samples = [sample for family in families for sample in family.samples]
        return sum(each.value for each in samples if each.name == "casewright_commands_total" and each.labels == labels)

    async def query(self, statement: str, **values: Any) -> list[Any]:
        """Rows of acme's, by SQL."""
        async with self.database.transaction() as session:
            tenant_id = await session.scalar(sa.text("SELECT tenant_named('acme')"))
        async with self.database.transaction(tenant_id) as session:
            return list(await session.execute(sa.text(statement), values))
