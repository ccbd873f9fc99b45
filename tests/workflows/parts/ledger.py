"""An in-memory stand-in for the database activities, for the tests' own lifecycle."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from temporalio import activity

from activities.cases.step import Step, StepResult
from domain.calendar import BusinessCalendar
from domain.cases import CaseRef, CaseState
from domain.tasks.deeds import TaskDeed
from domain.tasks.rules import Task, TaskStatus
from domain.tasks.schedule import schedule

ALWAYS = BusinessCalendar("UTC", always_open=True)


class Ledger:
    """`activities` stand for the lifecycle's own two; a step tried again is recognised by its id. `meanwhile` happens
    once, in the middle of the next step."""

    def __init__(self, state: CaseState, step: type[Step[Any]]) -> None:
        self.version = 0
        self.state = state
        self.kinds: list[str] = []
        self.reasons: dict[str, str | None] = {}
        self.tasks: dict[UUID, Task] = {}
        self.taken: dict[UUID, int] = {}
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        kind, result = state.kind, StepResult[type(state)]

        async def take_step(step: Any) -> Any:
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile:
                await meanwhile()
            return self.take(step)

        async def load(ref: Any) -> Any:
            return self.result()

        take_step.__annotations__ = {"step": step, "return": result}
        load.__annotations__ = {"ref": CaseRef, "return": result}
        self.activities = [
            activity.defn(name=f"{kind}.take_step")(take_step),
            activity.defn(name=f"{kind}.load")(load),
        ]

    def take(self, step: Step[Any]) -> StepResult[Any]:
        if step.id not in self.taken:
            assert step.version == self.version + 1, (step.version, self.version)
            self.version = self.taken[step.id] = step.version
            self.kinds.append(step.kind)
            self.reasons[step.kind] = step.reason
            self.state = step.state
            for part in step.tasks:
                task = part.task
                if part.deed is TaskDeed.OPENED:
                    plan = schedule(task.terms, task.role, step.at, ALWAYS)
                    task = replace(task, opened_at=step.at, due_at=plan.due_at, moments=plan.moments)
                self.tasks[task.id] = task
        return self.result()

    def result(self) -> StepResult[Any]:
        pending = tuple(task for task in self.tasks.values() if task.status is TaskStatus.PENDING)
        return StepResult(version=self.version, state=self.state, tasks=pending)
