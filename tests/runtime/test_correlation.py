"""The correlation id on its way: from the log's context into Temporal's headers, and out again in an activity."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.converter import PayloadConverter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime.correlation import HEADER, Correlated
from tests.stack.engines import dev_server

QUEUE = "correlation"


@dataclass
class Subject:
    tenant_id: str
    case_id: str
    correlation_id: str | None = None


@activity.defn
async def look_around(_: Subject) -> dict[str, Any]:
    """What the log would say."""
    return structlog.contextvars.get_contextvars()


@workflow.defn
class Probe:
    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self) -> dict[str, Any]:
        await workflow.wait_condition(lambda: self._over)
        return await self._look(Subject("t-1", "c-1"))

    @workflow.update
    async def ask(self, subject: Subject) -> dict[str, Any]:
        return await self._look(subject)

    @workflow.signal
    def end(self) -> None:
        self._over = True

    async def _look(self, subject: Subject) -> dict[str, Any]:
        return await workflow.execute_activity(look_around, subject, start_to_close_timeout=timedelta(seconds=10))


@pytest.fixture
async def correlated() -> AsyncIterator[Client]:
    async with await dev_server(interceptors=[Correlated()]) as environment:
        worker = Worker(
            environment.client,
            task_queue=QUEUE,
            workflows=[Probe],
            activities=[look_around],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            yield environment.client


async def test_it_travels(correlated: Client) -> None:
    ident = str(uuid4())

    async def ask(correlation_id: str | None, subject: Subject) -> dict[str, Any]:
        with structlog.contextvars.bound_contextvars(**({"correlation_id": correlation_id} if correlation_id else {})):
            return await correlated.execute_update_with_start_workflow(
                Probe.ask,
                subject,
                start_workflow_operation=WithStartWorkflowOperation(
                    Probe.run, id=ident, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
                ),
            )

    # The first asker's id is the start's; each update carries its own, even side by side.
    opened = await ask("first", Subject("t-1", "c-1"))
    assert opened["correlation_id"] == "first"
    assert (opened["tenant_id"], opened["case_id"], opened["workflow_id"]) == ("t-1", "c-1", ident)
    assert opened["activity"] == "look_around"
    side_by_side = await asyncio.gather(*(ask(f"side-{number}", Subject("t-1", "c-1")) for number in range(5)))
    assert [seen["correlation_id"] for seen in side_by_side] == [f"side-{number}" for number in range(5)]
    # A step that says its own is believed; without any there is none.
    assert (await ask("asked", Subject("t-1", "c-1", "own")))["correlation_id"] == "own"
    assert "correlation_id" not in await ask(None, Subject("t-1", "c-1"))
    handle = correlated.get_workflow_handle(ident)
    with structlog.contextvars.bound_contextvars(correlation_id="direct"):
        assert (await handle.execute_update(Probe.ask, Subject("t-1", "c-1")))["correlation_id"] == "direct"
    await handle.signal(Probe.end)
    # What the workflow does by itself is nobody's request.
    assert "correlation_id" not in await handle.result()

    events = (await handle.fetch_history()).events
    started = events[0].workflow_execution_started_event_attributes.header.fields
    assert PayloadConverter.default.from_payload(started[HEADER], str) == "first"
    asked = [
        event.workflow_execution_update_accepted_event_attributes.accepted_request.input.header.fields
        for event in events
        if event.HasField("workflow_execution_update_accepted_event_attributes")
    ]
    carried = {PayloadConverter.default.from_payload(fields[HEADER], str) for fields in asked if HEADER in fields}
    assert carried == {"first", "asked", "direct", *(f"side-{number}" for number in range(5))}


async def test_a_started_workflow_carries_it_too(correlated: Client) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="started"):
        handle = await correlated.start_workflow(Probe.run, id=str(uuid4()), task_queue=QUEUE)
    await handle.signal(Probe.end)
    await handle.result()
    started = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes.header.fields
    assert PayloadConverter.default.from_payload(started[HEADER], str) == "started"
