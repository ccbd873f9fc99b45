"""An errand that fails, is cancelled, interrupted or begun anew in each of its stages: what was done is undone."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from domain.cases import Actor, ActorKind
from domain.tasks.rules import Decision, Task, TaskKind
from runtime.client import DATA_CONVERTER
from tests.stack.engines import time_skipping_server
from tests.workflows.parts.errand import STAGES, ErrandState, ErrandStatus, ErrandStep, ErrandWorkflow, OpenErrand
from tests.workflows.parts.ledger import Ledger
from tests.workflows.parts.shop import Place, Shop
from tests.workflows.world import eventually
from workflows.parts.messages import Applied, CaseStart, Command, DecideTask

ADA = Actor(ActorKind.USER, uuid.uuid4())
DOING: list[Place] = [("do", stage) for stage in STAGES]
UNDOING: list[Place] = [("undo", stage) for stage in reversed(STAGES)]

at_each_stage = pytest.mark.parametrize("place", DOING, ids="-".join)
everywhere = pytest.mark.parametrize("place", [*DOING, *UNDOING[1:]], ids="-".join)


class Errand:
    """One errand, its shop and the rows of its database."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self.id, self.queue = uuid.uuid4(), f"errand-{uuid.uuid4()}"
        self.shop = Shop()
        self.ledger = Ledger(ErrandState(), ErrandStep)
        self.client = environment.client

    @property
    def state(self) -> ErrandState:
        return self.ledger.state  # type: ignore[return-value]

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(f"errand/{self.id}")

    @property
    def deals(self) -> list[Place]:
        return self.shop.deals[self.id]

    @property
    def tasks(self) -> list[Task]:
        return [task for task in self.ledger.tasks.values() if task.kind is TaskKind.UNDOING]

    async def begin(self, *, new: bool = False) -> None:
        start: CaseStart[ErrandState] = CaseStart(uuid.uuid4(), self.id, new=new)
        await self.client.start_workflow(
            ErrandWorkflow.run,
            start,
            id=f"errand/{self.id}",
            task_queue=self.queue,
            task_timeout=timedelta(seconds=2),
        )

    async def open(self, *, signed: bool = True) -> None:
        await self.begin(new=True)
        await self.does("open", OpenErrand, signed=signed)

    async def does(self, update: str, of: type[Command] = Command, **arguments: Any) -> None:
        command = of(id=uuid.uuid4(), actor=ADA, correlation_id="test", **arguments)
        await self.handle.execute_update(update, command, id=str(command.id), result_type=Applied)

    async def begins_anew(self) -> None:
        """Its run is torn away, and another begins from its row."""
        await self.handle.terminate()
        await self.begin()

    async def cancelled_by_an_operator(self) -> None:
        await self.handle.cancel()

    async def has(self, *kinds: str) -> None:
        """All of these have happened."""

        async def look() -> list[str]:
            return self.ledger.kinds

        await eventually(look, lambda seen: set(kinds) <= set(seen))

    async def ends(self) -> WorkflowExecutionStatus | None:
        """How its last run ends; all that led to it must replay."""

        async def look() -> ErrandState:
            return self.state

        await eventually(look, lambda state: state.over)
        with suppress(WorkflowFailureError):
            await asyncio.wait_for(self.handle.result(), 60)
        described = await self.handle.describe()
        replayer = Replayer(
            workflows=[ErrandWorkflow], data_converter=DATA_CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
        )
        run: str | None = described.run_id
        while run:
            history = await self.client.get_workflow_handle(f"errand/{self.id}", run_id=run).fetch_history()
            await replayer.replay_workflow(history)
            run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        return described.status

    async def is_undone(self, *, but: str | None = None) -> None:
        """It has ended, and what was done was undone once and in reverse, but what could not be."""
        assert await self.ends() is WorkflowExecutionStatus.COMPLETED
        assert self.state.status is ErrandStatus.UNDONE
        assert len(self.deals) == len(set(self.deals))
        done = [stage for deed, stage in self.deals if deed == "do"]
        undone = [stage for deed, stage in self.deals if deed == "undo" and stage in done]
        # Of two deliveries at once either may be made first; they were begun in this order.
        assert undone == [stage for stage in reversed(STAGES) if stage in done and stage != but]
        assert self.ledger.kinds[-1] == "undone"

    async def is_left_to_people(self, count: int = 1) -> None:
        """There are as many tasks about what could not be undone."""

        async def look() -> list[Task]:
            return self.tasks

        await eventually(look, lambda tasks: len(tasks) == count)

    async def fails_its_task(self) -> None:
        """Its code has a defect, and the engine knows."""

        async def look() -> bool:
            events = (await self.handle.fetch_history()).events
            return any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in events)

        await eventually(look, bool)

    async def settles(self, task: Task) -> None:
        """Somebody says that they have undone it by hand."""
        await self.does("decide_task", DecideTask, task_id=task.id, decision_id=uuid.uuid4(), decision=Decision.DONE)


@pytest.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with await time_skipping_server(data_converter=DATA_CONVERTER) as environment:
        yield environment


def worker(errand: Errand, runner: Any) -> AbstractAsyncContextManager[Any]:
    return Worker(
        errand.client,
        task_queue=errand.queue,
        workflows=[ErrandWorkflow],
        activities=[*errand.ledger.activities, *errand.shop.activities],
        workflow_runner=runner,
    )


@pytest.fixture
async def errand(environment: WorkflowEnvironment) -> AsyncIterator[Errand]:
    """An errand whose workflow runs outside the sandbox, which costs these tests half of their time."""
    errand = Errand(environment)
    async with worker(errand, UnsandboxedWorkflowRunner()):
        yield errand


async def test_a_story_and_its_undoing_are_deterministic(environment: WorkflowEnvironment) -> None:
    errand = Errand(environment)
    errand.shop.declines |= {("do", "confirm"), ("undo", "pay")}
    async with worker(errand, SandboxedWorkflowRunner()):
        await errand.open()
        await errand.is_left_to_people()
        await errand.settles(errand.tasks[0])
        await errand.is_undone(but="pay")


async def test_without_a_failure_nothing_is_undone(errand: Errand) -> None:
    await errand.open()
    assert await errand.ends() is WorkflowExecutionStatus.COMPLETED
    assert errand.state.status is ErrandStatus.DONE
    assert sorted(errand.deals) == sorted(DOING)


@at_each_stage
async def test_a_stage_fails(errand: Errand, place: Place) -> None:
    errand.shop.declines.add(place)
    await errand.open()
    await errand.is_undone()
    assert place not in errand.deals
    assert {deal for deal in DOING[: DOING.index(place)] if "deliver" not in deal[1]} <= set(errand.deals)
    assert errand.ledger.reasons["unwinding"] == f"{place[1]}_declined"


@at_each_stage
async def test_a_person_cancels_in_a_stage(errand: Errand, place: Place) -> None:
    errand.shop.before[place] = lambda: errand.does("cancel")
    await errand.open()
    await errand.is_undone()
    # What is in hand is not cut short, nothing is begun after it, and nothing undone that was never begun.
    assert place in errand.deals
    assert {stage for deed, stage in errand.deals if deed == "do"} == {
        stage for deed, stage in errand.deals if deed == "undo"
    }
    assert "unwinding" not in errand.ledger.kinds


@at_each_stage
async def test_an_operator_cancels_in_a_stage(errand: Errand, place: Place) -> None:
    errand.shop.before[place] = errand.cancelled_by_an_operator
    await errand.open()
    if place == DOING[-1]:
        # Too late: it is over with the stage that was in hand.
        assert await errand.ends() is WorkflowExecutionStatus.COMPLETED
        assert errand.state.status is ErrandStatus.DONE
    else:
        await errand.is_undone()
        assert place in errand.deals
        assert errand.ledger.reasons["unwinding"] == "called_off"


@pytest.mark.parametrize("by_whom", ["a person", "an operator"])
async def test_it_is_cancelled_while_it_waits(errand: Errand, by_whom: str) -> None:
    await errand.open(signed=False)
    await errand.has("deliver_a", "deliver_b")
    await (errand.does("cancel") if by_whom == "a person" else errand.cancelled_by_an_operator())
    await errand.is_undone()
    assert len(errand.deals) == 8


@pytest.mark.parametrize("place", UNDOING[1:], ids="-".join)
async def test_nothing_calls_unwinding_off(errand: Errand, place: Place) -> None:
    async def happens() -> None:
        await errand.cancelled_by_an_operator()
        with pytest.raises(WorkflowUpdateFailedError):
            await errand.does("cancel")

    errand.shop.declines.add(DOING[-1])
    errand.shop.before[place] = happens
    await errand.open()
    await errand.is_undone()
    assert errand.ledger.kinds.count("unwinding") == 1


@pytest.mark.parametrize("events", range(8, 100, 9))
async def test_it_continues_in_another_run(errand: Errand, events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        workflow.Info, "is_continue_as_new_suggested", lambda info: info.get_current_history_length() >= events
    )
    errand.shop.declines.add(DOING[-1])
    await errand.open()
    await errand.is_undone()
    assert errand.ledger.kinds.count("unwinding") == 1


@everywhere
async def test_it_is_begun_anew_from_its_row(errand: Errand, place: Place) -> None:
    errand.shop.declines.add(DOING[-1])
    happens = errand.shop.before if place == DOING[-1] else errand.shop.after
    happens[place] = errand.begins_anew
    await errand.open()
    await errand.is_undone()
    assert errand.ledger.kinds.count("unwinding") == 1


@at_each_stage
async def test_what_nobody_knows_to_be_done_is_undone(errand: Errand, place: Place) -> None:
    """The run is torn away when the shop has done it and the row does not say so; then it is cancelled."""

    async def happens() -> None:
        await errand.handle.terminate()
        errand.ledger.state = replace(errand.state, status=ErrandStatus.UNWINDING)
        await errand.begin()

    errand.shop.after[place] = happens
    await errand.open()
    await errand.is_undone()
    assert place in errand.deals


@at_each_stage
async def test_what_cannot_be_undone_is_left_to_people(errand: Errand, place: Place) -> None:
    stage = place[1]
    (errand.shop.away if stage == "pay" else errand.shop.declines).add(("undo", stage))
    await errand.open(signed=False)
    await errand.has("deliver_a", "deliver_b")
    if stage == "confirm":
        errand.shop.before[place] = lambda: errand.does("cancel")
        await errand.does("sign")
    else:
        await errand.does("cancel")
    await errand.is_left_to_people()
    [task] = errand.tasks
    assert (task.about, task.role) == (stage, "manager")
    assert errand.ledger.reasons["not_undone"].startswith(f"Could not be undone: {stage} ({stage}_")
    # The rest is undone meanwhile. A run that begins from the row asks nobody a second time, and waits as well.
    await errand.has(*(f"undo_{other}" for other in STAGES[:4] if other != stage))
    await errand.begins_anew()
    await errand.settles(task)
    await errand.is_undone(but=stage)
    assert len(errand.tasks) == 1


@pytest.mark.parametrize("broken", ["pay", "deliver_a"])
async def test_a_defect_undoes_nothing_and_waits_for_better_code(
    errand: Errand, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = ErrandWorkflow._with
    errand.shop.before["do", "deliver_b"] = errand.fails_its_task
    with monkeypatch.context() as for_now:
        for_now.setattr(
            ErrandWorkflow, "_with", lambda self, stage: {}[stage] if stage == broken else good(self, stage)
        )
        await errand.open()
        await errand.fails_its_task()
    assert await errand.ends() is WorkflowExecutionStatus.COMPLETED
    assert errand.state.status is ErrandStatus.DONE
    assert sorted(errand.deals) == sorted(DOING)
