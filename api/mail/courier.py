"""Has messages sent: starts what belongs to no case, such as mail about an account, and tells cases what is wanted."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from api.cases.beginning import begin_from_row
from domain.cases import CaseRef, StepRef
from workflows.mail.deliver import DeliverWorkflow
from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE

if TYPE_CHECKING:
    from api.cases.kinds import Kind  # it knows readers, which stand on services, which hold a courier

PATIENCE = timedelta(seconds=10)

log = structlog.get_logger(__name__)


def deliver_workflow_id(step_id: UUID) -> str:
    """The id of the workflow that sends a step."""
    return f"deliver/{step_id}"


class Courier:
    """Has committed deliveries sent. What the engine does not take now, a round of the worker carries later."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._under_way: set[asyncio.Task[bool]] = set()

    def send_soon(self, step: StepRef) -> None:
        """Starts the sending of a step without waiting for the engine."""
        self._soon(self.send(step))

    def send_again_soon(self, entry: "Kind", case: CaseRef, step: StepRef) -> None:
        """Has a case send what is unsent of one of its steps, without waiting for the engine: a new run of the case
        when there is none."""
        self._soon(self._send_again(entry, case, step))

    def _soon(self, sending: Coroutine[None, None, bool]) -> None:
        task = asyncio.create_task(sending)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send_again(self, entry: "Kind", case: CaseRef, step: StepRef) -> bool:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await begin_from_row(self._client, entry, case, send_again=step)
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("delivery_not_started", step_id=str(step.step_id), cause=type(error).__name__)
            return False
        return True

    async def send(self, step: StepRef) -> bool:
        """Starts the sending of a step, unless it is being sent already; False when the engine did not take it."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self._client.start_workflow(
                    DeliverWorkflow.run,
                    step,
                    id=deliver_workflow_id(step.step_id),
                    task_queue=CASES_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(step.tenant_id))]),
                    static_summary=f"Messages of a step of tenant {step.tenant_id}",
                )
        # RuntimeError: the client's first connection failed.
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("delivery_not_started", step_id=str(step.step_id), cause=type(error).__name__)
            return False
        return True

    async def close(self) -> None:
        """Waits for what is being started."""
        await asyncio.gather(*self._under_way)
