"""Attempts that say nothing of how they failed, because their worker died or hung, are told by the next one."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from temporalio import worker
from temporalio.testing import ActivityEnvironment

from activities.cases.step import Step
from domain.cases import SYSTEM
from domain.tickets.state import TicketState
from models.database import Database
from stores.failing import failing
from tests.activities.desk import new_desk
from tests.stack.waiting import eventually
from workers.failures import KEEPS_FAILING_FROM, NO_ANSWER, NotedFailures


class _Hangs(worker.ActivityInboundInterceptor):
    def __init__(self) -> None:
        pass

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        await asyncio.Event().wait()


async def test_an_activity_that_ends_each_of_its_workers_is_named_with_its_case(database: Database) -> None:
    desk, case = await new_desk(database), f"ticket/{uuid4()}"
    step = Step(
        tenant_id=desk.tenant_id,
        case_id=uuid4(),
        id=uuid4(),
        kind="priority_changed",
        actor=SYSTEM,
        correlation_id="c",
        version=2,
        at=datetime.now(UTC),
        state=TicketState(),
    )
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info,
        attempt=KEEPS_FAILING_FROM + 1,
        workflow_id=case,
        activity_type="ticket.take_step",
        scheduled_time=step.at,
    )

    async def run() -> None:
        interceptor = NotedFailures(database).intercept_activity(_Hangs())
        await interceptor.execute_activity(worker.ExecuteActivityInput(run, [step], None, {}))

    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(environment.run(run))

        async def noted() -> bool:
            return case in [each.workflow_id for each in await failing(database)]

        await eventually(noted, "it is noted")
        running.cancel()
    [found] = [each for each in await failing(database) if each.workflow_id == case]
    assert (found.activity, found.attempts, found.fault) == ("ticket.take_step", KEEPS_FAILING_FROM, NO_ANSWER)
    [line] = [entry for entry in logs if entry["event"] == "activity_keeps_failing"]
    assert {name: line[name] for name in ("log_level", "code", "case", "command", "step")} == {
        "log_level": "warning",
        "code": NO_ANSWER,
        "case": case,
        "command": str(step.id),
        "step": "priority_changed",
    }
