"""The bare engine's figures: the same client, server and shapes as the product's, and nothing of the product."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from bench.engine_workflows import ENGINE_QUEUE, NoOp, OpenCase
from bench.load import Figure, measure

NO_OP = "no-op workflow"
NEW_CASE = "update-with-start, new workflow, one activity"
OPEN_CASE = "update on an open workflow, one activity"

_PATIENCE = timedelta(seconds=60)


class Engine:
    """Asks the engine for the least; remembers the workflows that it has left open, to end them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._left_open: list[str] = []
        self._cases: list[WorkflowHandle[OpenCase, None]] = []

    async def open_cases(self, count: int) -> None:
        """Opens the workflows that `step` is asked of, one for each client. Raises TimeoutError without a worker."""
        async with asyncio.timeout(_PATIENCE.total_seconds()):
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

    async def end(self) -> None:
        """Ends every workflow that was left open."""
        left = iter(self._left_open)

        async def end_one(_: int) -> bool:
            await self._client.get_workflow_handle(next(left)).terminate("The bench is over")
            return True

        await measure("end", end_one, requests=len(self._left_open), at_a_time=20)

    def _new_id(self) -> str:
        self._left_open.append(f"bench/{uuid4()}")
        return self._left_open[-1]


async def measure_engine(client: Client, requests: int, at_a_time: tuple[int, ...]) -> list[Figure]:
    """The bare engine's figures for each number of clients; a worker must poll `ENGINE_QUEUE`."""
    engine = Engine(client)
    try:
        await engine.open_cases(max(at_a_time))
        asked = ((NO_OP, engine.no_op), (NEW_CASE, engine.new_case), (OPEN_CASE, engine.step))
        for name, ask in asked:
            await measure(name, ask, requests=max(1, requests // 4), at_a_time=max(at_a_time))
        return [
            await measure(name, ask, requests=requests, at_a_time=clients)
            for name, ask in asked
            for clients in at_a_time
        ]
    finally:
        await engine.end()
