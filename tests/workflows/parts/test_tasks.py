"""The tasks of a case, whatever its lifecycle."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from domain.cases import Actor, ActorKind
from domain.tasks.rules import Decision, Task, TaskStatus
from runtime.client import DATA_CONVERTER
from tests.stack.engines import time_skipping_server
from tests.workflows.parts.asking import AskingState, AskingStep, AskingWorkflow
from tests.workflows.parts.ledger import Ledger
from tests.workflows.world import eventually
from workflows.parts.messages import Applied, CaseStart, ClaimTask, Command, DecideTask

QUEUE = "asking"
ADA, BOB, CYD = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()


class Asking:
    def __init__(self, environment: WorkflowEnvironment, ledger: Ledger) -> None:
        self.environment, self.ledger = environment, ledger
        self._start: CaseStart[AskingState] = CaseStart(uuid.uuid4(), uuid.uuid4())

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.environment.client.get_workflow_handle(f"asking/{self._start.case_id}")

    async def begin(self) -> None:
        """A run that begins from the row."""
        await self.environment.client.start_workflow(
            AskingWorkflow.run, self._start, id=self.handle.id, task_queue=QUEUE
        )

    async def does(self, update: str, who: UUID, of: type[Command] = Command, **arguments: Any) -> None:
        ident = uuid.uuid4()
        command = of(id=ident, actor=Actor(ActorKind.USER, who), correlation_id="test", **arguments)
        await self.handle.execute_update(update, command, id=str(ident), result_type=Applied)

    async def decides(self, who: UUID, decision: Decision = Decision.APPROVE, **arguments: Any) -> None:
        given = {"task_id": self.task.id, "decision_id": uuid.uuid4(), "decision": decision}
        await self.does("decide_task", who, DecideTask, **given | arguments)

    @property
    def task(self) -> Task:
        return list(self.ledger.tasks.values())[-1]

    async def happens(self, *kinds: str) -> None:
        async def look() -> list[str]:
            return self.ledger.kinds

        await eventually(look, lambda seen: tuple(seen[-len(kinds) :]) == kinds)

    async def refused(self, code: str, deed: Any) -> None:
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await deed
        assert isinstance(failure.value.cause, ApplicationError)
        assert failure.value.cause.type == code


@pytest.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with await time_skipping_server(data_converter=DATA_CONVERTER) as environment:
        yield environment


@pytest.fixture
async def asking(environment: WorkflowEnvironment) -> AsyncIterator[Asking]:
    end = await environment.get_current_time() + timedelta(days=60)
    ledger = Ledger(AskingState(end=end), AskingStep)
    async with Worker(environment.client, task_queue=QUEUE, workflows=[AskingWorkflow], activities=ledger.activities):
        asking = Asking(environment, ledger)
        await asking.begin()
        yield asking
        replayer = Replayer(workflows=[AskingWorkflow], data_converter=DATA_CONVERTER)
        await replayer.replay_workflow(await asking.handle.fetch_history())
        await asking.handle.terminate()


async def test_two_people_approve_and_who_asked_does_not(asking: Asking) -> None:
    await asking.does("ask", ADA)
    await asking.refused("four_eyes", asking.decides(ADA))
    await asking.does("claim_task", BOB, ClaimTask, task_id=asking.task.id)
    await asking.refused("task_claimed", asking.decides(CYD))
    await asking.refused("reason_required", asking.decides(BOB, Decision.REJECT))
    await asking.decides(BOB)
    await asking.refused("four_eyes", asking.decides(BOB))
    await asking.decides(CYD)
    await asking.refused("task_settled", asking.decides(CYD))
    assert asking.ledger.kinds == ["asked", "task_claimed", "task_approved_once", "settled_approve"]
    assert asking.task.approvals == (BOB, CYD)


async def test_what_nobody_decides_is_reminded_of_and_goes_up(asking: Asking) -> None:
    await asking.does("ask", ADA)
    await asking.does("claim_task", BOB, ClaimTask, task_id=asking.task.id)
    await asking.environment.sleep(timedelta(hours=20, minutes=1))
    await asking.happens("task_claimed", "task_reminded")
    assert asking.task.assignee_id == BOB
    await asking.environment.sleep(timedelta(hours=5))
    await asking.happens("task_reminded", "task_escalated", "task_escalated")
    assert (asking.task.role, asking.task.assignee_id, asking.task.moments) == ("admin", None, ())


async def test_a_task_that_was_withdrawn_is_never_due(asking: Asking) -> None:
    await asking.does("ask", ADA)
    await asking.does("withdraw", ADA)
    await asking.environment.sleep(timedelta(days=3))
    await asking.refused("task_settled", asking.decides(BOB))
    assert asking.ledger.kinds == ["asked", "withdrawn"]
    assert asking.task.status is TaskStatus.CANCELLED


async def test_reminders_come_once_each(asking: Asking) -> None:
    await asking.does("ask", ADA)
    await asking.does("withdraw", ADA)
    await asking.environment.sleep(timedelta(days=31))
    await asking.happens("withdrawn", "reminded")
    await asking.does("ask", ADA)
    await asking.does("withdraw", ADA)
    await asking.environment.sleep(timedelta(days=40))
    await asking.happens("withdrawn", "reminded")
    assert asking.ledger.kinds.count("reminded") == 2


async def test_a_deadline_that_the_rules_refuse_is_recorded_and_the_case_goes_on(asking: Asking) -> None:
    await asking.does("set_trap", ADA)
    await asking.environment.sleep(timedelta(hours=2))
    await asking.happens("trapped", "deadline_refused")
    await asking.does("ask", ADA)
    await asking.environment.sleep(timedelta(hours=2))
    assert asking.ledger.kinds == ["trapped", "deadline_refused", "asked"]


async def test_an_operator_cancels_the_run_after_its_step_and_the_case_goes_on_from_its_row(asking: Asking) -> None:
    asking.ledger.meanwhile = asking.handle.cancel
    await asking.does("ask", ADA)
    with pytest.raises(WorkflowFailureError) as failure:
        await asking.handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    await asking.begin()
    await asking.decides(BOB)
    assert asking.ledger.kinds == ["asked", "task_approved_once"]
