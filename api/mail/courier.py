"""Starts the sending of messages that belong to no case, such as mail about an account."""

import asyncio
from datetime import timedelta
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

from domain.cases import StepRef
from workflows.mail.deliver import DeliverWorkflow
from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE

PATIENCE = timedelta(seconds=10)

log = structlog.get_logger()


def deliver_workflow_id(step_id: UUID) -> str:
    """The id of the workflow that sends a step."""
    return f"deliver/{step_id}"


class Courier:
    """Starts the sending of committed deliveries. What it cannot start now, the sweep starts later."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._under_way: set[asyncio.Task[bool]] = set()

    def send_soon(self, step: StepRef) -> None:
        """Starts the sending of a step without waiting for the engine."""
        task = asyncio.create_task(self.send(step))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

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
