"""The case: what every lifecycle is made of. Lock, version, steps, deadlines, messages, asks and a clean end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid5

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.cases.step import Step, StepResult, refused
from domain.cases import SYSTEM, CaseKind, CaseRef, CaseState, require_version
from domain.refusal import Refusal
from workflows.parts.couriers import asks_courier, messages_courier
from workflows.parts.deadlines import Deadline, Deadlines
from workflows.parts.messages import Applied, Carried, Command, StepFails
from workflows.parts.refusals import is_refusal
from workflows.policies import STEP_RETRY, STEP_TIMEOUT

REMEMBERED_COMMANDS = 64

STEPS = UUID("5b0c0a0e-2f0e-4f5d-8a53-6f2a9a7d6a01")
"""The namespace of the ids of steps that nobody asked for: no key of a client can lie in it."""

C = TypeVar("C", bound=Command)
S = TypeVar("S", bound=CaseState)
P = TypeVar("P", bound=Step[Any])


class Leaving(Exception):
    """The run ends here: the case is over, or goes on in a new run that begins its story anew."""


class CalledOff(Exception):
    """What the story has done is to be undone: the state says so, or an operator wants the case cancelled."""


class Case(Generic[S, P]):
    """One case and its only decider.

    Commands, deadlines and the steps of a story take turns under one lock, so each is decided on the state that the one
    before it left. A lifecycle gives `adopt`, which takes over what came of a step; `due`, which says what step a
    deadline causes, or None when it only ends the wait; `over` and `unwinding`, as its state says. Before the messages
    of a step are sent, `before_messages` does what they need; `asks_carried` is called when no ask is
    under way any more, `unstuck` when a step that was `failing` fails no more.

    While it is `shielded`, which a saga that unwinds sees to, nothing calls the story off.
    """

    def __init__(
        self,
        kind: CaseKind,
        ref: CaseRef,
        carried: Carried[S],
        *,
        adopt: Callable[[StepResult[S], str], None],
        due: Callable[[Deadline], P | None],
        deadline_refused: Callable[[Deadline, Refusal], P],
        over: Callable[[], bool],
        opened_by_command: bool,
        unwinding: Callable[[], bool],
        before_messages: Callable[[], Awaitable[None]],
        asks_carried: Callable[[], None],
        unstuck: Callable[[], None],
    ) -> None:
        self.ref = ref
        self.version = carried.version
        self.deadlines = Deadlines(carried.deadlines, carried.given_up)
        self.shielded = False
        self.under_way: str | None = None
        self.failing: StepFails | None = None
        self._step_id: UUID | None = None
        self._kind, self._result = kind, _result_type(type(carried.state))
        self._adopt, self._due, self._deadline_refused, self._unstuck = adopt, due, deadline_refused, unstuck
        self._over, self._never_opened, self._unwinding = over, False, unwinding
        self._opened_by_command = opened_by_command
        self._was_cancelled = carried.cancelled
        self._ready = False
        self._lock = asyncio.Lock()
        self._applied = dict.fromkeys(carried.applied)
        self._depth = carried.depth
        self._correlation_id = carried.correlation_id
        self._messages = messages_courier(ref.tenant_id, before_messages, carried.undelivered)
        self._asks = asks_courier(ref.tenant_id, carried.unasked, asks_carried)

    # Commands

    async def apply(self, command: C, decide: Callable[[C], P]) -> Applied:
        """Takes one command in its turn. Raises ApplicationError with the refusal's code when the rules forbid it."""
        await workflow.wait_condition(lambda: self._ready)
        async with self._lock:
            if self._unopened:
                self._never_opened = True
                raise refused(Refusal("not_opened", "This case was never opened."))
            return await self._apply(command, decide)

    async def open(self, command: C, decide: Callable[[C], P]) -> Applied:
        """Takes the command that opens the case. One whose opening is refused is over: there is none."""
        await workflow.wait_condition(lambda: self._ready)
        async with self._lock:
            self._correlation_id = command.correlation_id
            try:
                return await self._apply(command, decide)
            except ApplicationError:
                self._never_opened = self.version == 0
                raise

    async def _apply(self, command: C, decide: Callable[[C], P]) -> Applied:
        if command.id not in self._applied:
            await self._settle_overdue()
            self._depth = command.depth
            await self._take(self._decided(command, decide))
        return Applied(self.version)

    @property
    def _unopened(self) -> bool:
        return self.version == 0 and self._opened_by_command

    def validate(self, command: C, decide: Callable[[C], P]) -> None:
        """Refuses what is plainly illegal before it is queued; a case that is not loaded yet has no opinion, and none
        while a step is under way: what people ask may follow from that step, which they can see before the case hears
        of it.

        It sees the state before the queue, so `apply` decides again under the lock.
        """
        if self._ready and not (self._lock.locked() or self._unopened) and command.id not in self._applied:
            self._decided(command, decide)

    def _decided(self, command: C, decide: Callable[[C], P]) -> P:
        try:
            require_version(command.expected_version, self.version)
            return decide(command)
        except Refusal as refusal:
            raise refused(refusal) from None

    # Steps

    def next_step(self, kind: str, command: Command | None) -> dict[str, Any]:
        """What every step says of itself. Without a command its id follows from the workflow and the step, so that it
        is the same however often the step is tried; and it belongs to the story that the case's opening is part of."""
        version = self.version + 1
        step_id = command.id if command else uuid5(STEPS, f"{workflow.info().workflow_id}/{version}/{kind}")
        return {
            "tenant_id": self.ref.tenant_id,
            "case_id": self.ref.case_id,
            "id": step_id,
            "kind": kind,
            "actor": command.actor if command else SYSTEM,
            "correlation_id": command.correlation_id if command else self._correlation_id or str(step_id),
            "version": version,
            "at": workflow.now(),
            "by_command": command is not None,
            "depth": self._depth,
        }

    async def record(self, decide: Callable[[], P | None]) -> None:
        """Takes a step of the case's own, on the state as it is when its turn comes; none when `decide` says None.

        Raises Refusal when the rules forbid it.
        """
        async with self._lock:
            await self._settle_overdue()
            step = decide()
            if step is None:
                return
            try:
                await self._take(step)
            except ApplicationError as error:
                raise Refusal(error.type or "refused", error.message) from None

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for a condition while commands and deadlines go on. Raises Leaving and CalledOff, as `proceed`."""
        await workflow.wait_condition(lambda: condition() or self.leaving or self.called_off)
        if not condition():
            self.proceed()

    def proceed(self) -> None:
        """Lets a story go on. Raises Leaving when the run ends first, CalledOff when what was done is to be undone."""
        if self.over or self.continues:
            raise Leaving
        if self.called_off:
            raise CalledOff

    async def _take(self, step: P) -> None:
        """Makes a step durable and moves the case; only under the lock."""
        try:
            result: StepResult[S] = await self._database("take_step", step, step.kind.replace("_", " "))
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and is_refusal(error.cause):
                raise refused(Refusal(error.cause.type or "refused", error.cause.message)) from None
            raise
        self._applied[step.id] = None
        while len(self._applied) > REMEMBERED_COMMANDS:
            del self._applied[next(iter(self._applied))]
        if result.deliveries:
            self._messages.take(step.id)
        if result.asked:
            self._asks.take(step.id)
        # Below: the step was done long ago and came again under its old id; the case knows better by now.
        if result.version > self.version:
            self.version = result.version
            self._adopt(result, step.kind)

    async def begin_from_row(self) -> None:
        """Begins where an earlier run of the case has ended: with its row, and the messages that it has left unsent."""
        result: StepResult[S] = await self._database("load", self.ref, "begin from the row")
        for step_id in result.undelivered:
            if step_id not in self._messages.waiting:
                self._messages.take(step_id)
        self._correlation_id = result.correlation_id
        self.version = result.version
        self._adopt(result, "loaded")

    def send_again(self, step_id: UUID) -> None:
        """Sends now what is unsent of a step, whether its messages wait for their next attempt or were given up."""
        self._messages.take_again(step_id)

    def keeps_failing(self, fails: StepFails) -> bool:
        """Takes over what a worker says of the step that is under way; returns whether it was said of that step."""
        if self.under_way is None or fails.step_id != self._step_id:
            return False
        self.failing = fails
        return True

    async def _database(self, activity: str, argument: Any, summary: str) -> Any:
        self.under_way, self._step_id = summary, argument.id if isinstance(argument, Step) else None
        try:
            return await workflow.execute_activity(
                f"{self._kind}.{activity}",
                argument,
                result_type=self._result,
                start_to_close_timeout=STEP_TIMEOUT,
                retry_policy=STEP_RETRY,
                summary=summary,
            )
        finally:
            self.under_way = None
            if self.failing:
                self.failing = None
                self._unstuck()

    # Life

    async def live(self, story: Callable[[], Awaitable[None]] | None = None, *, from_row: bool = False) -> None:
        """Lets deadlines fire, each in its turn, and `story` be told once the case is open, until the case is over, its
        history has grown long or an operator has cancelled it. On return no handler runs, and unless the case continues
        in another run its messages and asks have been carried."""
        couriers = [asyncio.create_task(courier.work()) for courier in (self._messages, self._asks)]
        told = asyncio.create_task(self._tell(story))
        tasks = [*couriers, told, asyncio.create_task(self._live(from_row, told, couriers))]
        while not all(task.done() for task in tasks):
            # A request to cancel tears no step apart: the story hears of it at its next waiting point.
            with suppress(asyncio.CancelledError):
                await workflow.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            _raise_what_failed(tasks)

    async def _live(self, from_row: bool, told: asyncio.Task[None], couriers: list[asyncio.Task[None]]) -> None:
        if from_row:
            await self.begin_from_row()
        self._ready = True
        while True:
            await self._keep_time(until=lambda: self.leaving and told.done())
            if not self.continues:
                await self._keep_time(until=self._nothing_under_way)
            # A command that came while the last messages were under way may have brought the case back to life.
            if self.leaving:
                break
        self._messages.stop()
        self._asks.stop()
        # A mail server may take its time over the message in hand: deadlines still fire.
        await self._keep_time(until=lambda: all(task.done() for task in couriers))
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _tell(self, story: Callable[[], Awaitable[None]] | None) -> None:
        with suppress(Leaving, CalledOff):
            if story:
                await self.until(lambda: self.version > 0)
                await story()

    async def _keep_time(self, until: Callable[[], bool]) -> None:
        while not until():
            await self.deadlines.wait(until)
            async with self._lock:
                await self._settle_overdue()

    def _nothing_under_way(self) -> bool:
        carried = not self._messages.waiting and not self._asks.waiting
        return carried and workflow.all_handlers_finished()

    @property
    def asking(self) -> bool:
        """Whether what its steps have asked of other cases is still being carried."""
        return bool(self._asks.waiting)

    @property
    def over(self) -> bool:
        """Whether nothing can happen to the case any more: as its state says, or because it was never opened."""
        return self._never_opened or (self.version > 0 and self._over())

    @property
    def continues(self) -> bool:
        """Whether the history has grown long, so that another run goes on where this one ends."""
        return not self.over and workflow.info().is_continue_as_new_suggested()

    @property
    def leaving(self) -> bool:
        """Whether this run of the case is about to end."""
        return self.over or self.continues or (self._cancelled and not self.shielded)

    @property
    def called_off(self) -> bool:
        """Whether the story is to stop, and what it has done to be undone."""
        return (self._cancelled or self._unwinding()) and not (self.shielded or self.over)

    @property
    def _cancelled(self) -> bool:
        return self._was_cancelled or workflow.cancellation_reason() is not None

    async def _settle_overdue(self) -> None:
        while deadline := self.deadlines.take_overdue():
            self._depth = 0
            try:
                step = self._due(deadline)
            except Refusal as refusal:
                # Planned anew by the step that says so, it would fall due at once, for ever.
                self.deadlines.give_up(deadline)
                step = self._deadline_refused(deadline, refusal)
            if step:
                await self._take_due(deadline, step)

    async def _take_due(self, deadline: Deadline, step: P) -> None:
        try:
            await self._take(step)
        except ApplicationError as error:
            # The database refused it; nobody waits for an answer, and the case must go on.
            workflow.logger.error(
                "A deadline's step was refused.", extra={"deadline": deadline.name, "code": error.type}
            )
            self.deadlines.give_up(deadline)

    def carried(self) -> dict[str, Any]:
        """What the next run needs to go on, by the names of `Carried`; the state and the tasks are the lifecycle's."""
        return {
            "version": self.version,
            "deadlines": self.deadlines.carried(),
            "given_up": self.deadlines.given_up(),
            "undelivered": self._messages.waiting,
            "unasked": self._asks.waiting,
            "applied": tuple(self._applied),
            "depth": self._depth,
            "correlation_id": self._correlation_id,
            "cancelled": self._cancelled,
        }


def _result_type(state: type[CaseState]) -> Any:
    return StepResult[state]  # type: ignore[valid-type]


def _raise_what_failed(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error
