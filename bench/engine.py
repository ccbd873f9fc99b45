"""The load on the bare engine: the product's client, server and kinds of calls, without the product's own work.

A workflow that does nothing; an update that starts a new workflow and runs one activity that does nothing, as opening a
case does; and such an update on a workflow that is open, as every other command.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from bench.bare_client import bare
from bench.engine_workflows import ENGINE_QUEUE, NoOp, OpenCase
from bench.load import Series

NO_OP = "engine: no-op workflow"
NEW_CASE = "engine: update-with-start"
OPEN_CASE = "engine: update"

_PATIENCE_SECONDS = 60
_ENDED_AT_A_TIME = 20


class Engine:
    """Asks the engine for the least, each client on a workflow of its own."""

    def __init__(self, client: Client) -> None:
        self._client = bare(client)
        self._left_open: list[str] = []
        self._cases: list[WorkflowHandle[OpenCase, None]] = []

    def series(self, at_a_time: Sequence[int]) -> list[Series]:
        """What to measure, with each number of clients."""
        asked = ((NO_OP, self.no_op), (NEW_CASE, self.new_case), (OPEN_CASE, self.step))
        return [Series(name, clients, ask) for name, ask in asked for clients in at_a_time]

    async def open_cases(self, count: int) -> None:
        """Opens a workflow for each client to update. Raises TimeoutError when no worker takes them."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for _ in range(count):
                case_id = self._new_id()
                self._cases.append(await self._client.start_workflow(OpenCase.run, id=case_id, task_queue=ENGINE_QUEUE))
            await asyncio.gather(*(case.execute_update(OpenCase.step) for case in self._cases))

    async def no_op(self, _: int) -> bool:
        await self._client.execute_workflow(NoOp.run, id=f"bench/{uuid4()}", task_queue=ENGINE_QUEUE)
        return True

    async def new_case(self, _: int) -> bool:
        start = WithStartWorkflowOperation(
            OpenCase.run,
            id=self._new_id(),
            task_queue=ENGINE_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self._client.execute_update_with_start_workflow(OpenCase.step, start_workflow_operation=start)
        return True

    async def step(self, client: int) -> bool:
        await self._cases[client].execute_update(OpenCase.step)
        return True

    async def end_cases(self) -> None:
        """Ends every workflow that was left open."""
        left = iter(self._left_open)

        async def end(_: int) -> bool:
            await self._client.get_workflow_handle(next(left)).terminate("The bench is over")
            return True

        await Series("end", _ENDED_AT_A_TIME, end).go_on(len(self._left_open))

    def _new_id(self) -> str:
        self._left_open.append(f"bench/{uuid4()}")
        return self._left_open[-1]


@asynccontextmanager
async def engine_load(client: Client, clients: int) -> AsyncIterator[Engine]:
    """The bare engine with so many clients during the block; a worker must poll `ENGINE_QUEUE`."""
    engine = Engine(client)
    try:
        await engine.open_cases(clients)
        yield engine
    finally:
        await engine.end_cases()
