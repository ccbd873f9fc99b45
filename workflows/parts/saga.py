"""Saga: what undoes a deed is known before the deed is done, so that a story which fails can be taken back."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from activities.cases.step import Step
from domain.cases import CaseEvent
from domain.refusal import Refusal
from domain.tasks.rules import TaskKind
from domain.tasks.schedule import TaskTerms
from workflows.parts.case import CalledOff, Leaving
from workflows.parts.lifecycle import Lifecycle

P = TypeVar("P", bound=Step[Any])

Deed = Callable[[], Awaitable[None]]

FAILURES = (FailureError, Refusal, CalledOff)
"""What a saga unwinds for. Any other exception is a defect, which waits for better code, or leaves for another run."""

_BY_HAND = TaskTerms(due_minutes=24 * 60, escalate_minutes_after=(0,))


class Saga(Generic[P]):
    """Put around the stages of a lifecycle's story: `async with Saga(self, begins=..., ends=...) as saga:`.

    When a stage fails or the case is called off, the step of `begins`, which gets the failure's code, makes the state
    `unwinding` unless it is already. Then everything is undone in reverse, and the step of `ends` makes it so no more.
    Nothing calls that off, and a run that begins with an unwinding state goes on with it. What cannot be undone becomes
    a task for people of `role`, and the rest is undone; unwinding ends when they have settled it, by a step of the
    lifecycle that shows it as undone.
    """

    def __init__(
        self,
        lifecycle: Lifecycle[Any, P],
        *,
        begins: Callable[[str], P],
        ends: Callable[[], P],
        role: str = "manager",
    ) -> None:
        self._lifecycle, self._case = lifecycle, lifecycle.case
        self._begins, self._ends, self._role = begins, ends, role
        self._undoing: list[tuple[str, Deed]] = []
        self._under_way = False

    async def stage(self, name: str, deed: Deed, *, done: Callable[[], bool], undo: Deed | None = None) -> None:
        """Does `deed` and lets it show in the state, unless `done` says that the state shows it.

        A run may end in the middle of it: both are to be the same when they come twice. `undo` copes with a deed of
        which nobody knows whether it was done, and passes over what the state shows as undone. A deed is never cut
        short, so its activities have an end to their attempts.
        """
        if self._under_way and not done():
            # No earlier run can have begun this one.
            self._case.proceed()
        if undo:
            self._undoing.append((name, undo))
        if not done():
            self._case.proceed()
            self._under_way = True
            await deed()

    async def together(self, *branches: Coroutine[Any, Any, None]) -> None:
        """Does them in parallel. All settle before the failure of one is raised; a defect is raised at once."""
        tasks = [asyncio.create_task(branch) for branch in branches]
        await workflow.wait_condition(lambda: all(task.done() for task in tasks) or any(map(_defect, tasks)))
        for raised in sorted((error for error in map(_error, tasks) if error), key=_weight):
            raise raised

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if error is None and self._case.called_off:
            error = CalledOff()
        if not isinstance(error, FAILURES):
            return False
        await self._unwind(_code(error))
        return True

    async def _unwind(self, code: str) -> None:
        self._case.shielded = True
        await self._case.record(lambda: None if self._is_decided() else self._begins(code))
        for name, undo in reversed(self._undoing):
            self._case.proceed()
            if name not in self._left_to_people():
                await self._undo(name, undo)
        await self._case.until(lambda: not self._left_to_people())
        self._case.proceed()
        await self._case.record(self._ends)
        self._case.shielded = False

    def _is_decided(self) -> bool:
        return self._lifecycle.state.unwinding or self._case.over

    async def _undo(self, name: str, undo: Deed) -> None:
        try:
            await undo()
        except (FailureError, Refusal) as failure:
            code = _code(failure)
            await self._case.record(lambda: self._not_undone(name, code))

    def _not_undone(self, name: str, code: str) -> P:
        task = self._lifecycle.tasks.opening(TaskKind.UNDOING, self._role, about=name, terms=_BY_HAND)
        reason = f"Could not be undone: {name} ({code})."
        return self._lifecycle.step(CaseEvent.NOT_UNDONE, reason=reason, tasks=(task,))

    def _left_to_people(self) -> set[str | None]:
        return {task.about for task in self._lifecycle.tasks.pending if task.kind is TaskKind.UNDOING}


def _code(failure: BaseException) -> str:
    cause = (failure.cause if isinstance(failure, FailureError) else None) or failure
    if isinstance(cause, Refusal):
        return cause.code
    if isinstance(cause, CalledOff):
        return "called_off"
    return (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__


def _error(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


def _defect(task: asyncio.Task[None]) -> bool:
    error = _error(task)
    return error is not None and not isinstance(error, (*FAILURES, Leaving))


def _weight(error: BaseException) -> int:
    """A defect before a failure, and that before what only ends the run."""
    return 2 if isinstance(error, Leaving) else 1 if isinstance(error, FAILURES) else 0
