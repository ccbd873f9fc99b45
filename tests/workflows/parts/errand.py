"""A lifecycle of stages that are undone when it fails: reserve, pay, two deliveries at once, confirm.

open -> done | unwinding -> undone
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import Step
    from domain.cases import CaseState
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from workflows.parts.decisions import decides, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask
    from workflows.parts.saga import Saga

STAGES = ("reserve", "pay", "deliver_a", "deliver_b", "confirm")

_SOON = timedelta(seconds=4)
_TRIES = RetryPolicy(initial_interval=timedelta(milliseconds=20), backoff_coefficient=1.0, maximum_attempts=10)


class ErrandStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    UNWINDING = "unwinding"
    UNDONE = "undone"


@dataclass(frozen=True, kw_only=True)
class ErrandState(CaseState):
    """`signed` is what it waits for before it is confirmed."""

    kind = "errand"

    status: ErrandStatus = ErrandStatus.OPEN
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    signed: bool = False

    @property
    def over(self) -> bool:
        return self.status in (ErrandStatus.DONE, ErrandStatus.UNDONE)

    @property
    def unwinding(self) -> bool:
        return self.status is ErrandStatus.UNWINDING


@dataclass(frozen=True, kw_only=True)
class ErrandStep(Step[ErrandState]):
    state: ErrandState


@dataclass(frozen=True, kw_only=True)
class OpenErrand(Command):
    signed: bool = True


@dataclass(frozen=True)
class Deal:
    """What a shop is asked: one stage of one errand."""

    errand_id: UUID
    stage: str


@workflow.defn(name="ErrandWorkflow")
class ErrandWorkflow(Lifecycle[ErrandState, ErrandStep]):
    @workflow.init
    def __init__(self, start: CaseStart[ErrandState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[ErrandState]) -> None:
        await self.live(start, self._story)

    async def _story(self) -> None:
        async with Saga(self, begins=self._unwinding, ends=self._undone) as saga:
            await self._stage(saga, "reserve")
            await self._stage(saga, "pay")
            await saga.together(self._stage(saga, "deliver_a"), self._stage(saga, "deliver_b"))
            await self.case.until(lambda: self.state.signed)
            await self._stage(saga, "confirm")

    async def _stage(self, saga: Saga[ErrandStep], name: str) -> None:
        deed, undo = partial(self._do, name), partial(self._undo, name)
        await saga.stage(name, deed, done=lambda: name in self.state.done, undo=undo)

    async def _do(self, stage: str) -> None:
        await self._deal("do", stage)
        await self.case.record(lambda: self.step(stage, to=self._with(stage)))

    def _with(self, stage: str) -> ErrandState:
        done = replace(self.state, done=(*self.state.done, stage))
        confirmed = stage == "confirm" and not self.state.unwinding
        return replace(done, status=ErrandStatus.DONE) if confirmed else done

    async def _undo(self, stage: str) -> None:
        if stage not in self.state.undone:
            await self._deal("undo", stage)
            await self.case.record(lambda: self.step(f"undo_{stage}", to=self._without(stage)))

    def _without(self, stage: str) -> ErrandState:
        return replace(self.state, undone=(*self.state.undone, stage))

    async def _deal(self, deed: str, stage: str) -> None:
        await workflow.execute_activity(
            f"errand.{deed}",
            Deal(self.case.ref.case_id, stage),
            start_to_close_timeout=_SOON,
            retry_policy=_TRIES,
        )

    def _unwinding(self, code: str) -> ErrandStep:
        return self.step("unwinding", to=replace(self.state, status=ErrandStatus.UNWINDING), reason=code)

    def _undone(self) -> ErrandStep:
        return self.step("undone", to=replace(self.state, status=ErrandStatus.UNDONE))

    @opens
    def open(self, command: OpenErrand) -> ErrandStep:
        return self.step("opened", command, to=replace(self.state, signed=command.signed))

    @decides
    def sign(self, command: Command) -> ErrandStep:
        return self.step("signed", command, to=replace(self.state, signed=True))

    @decides
    def cancel(self, command: Command) -> ErrandStep:
        if self.state.status is not ErrandStatus.OPEN:
            raise Refusal("errand_not_open", "Only what is open can be cancelled.")
        return self.step("cancelled", command, to=replace(self.state, status=ErrandStatus.UNWINDING))

    def settled(self, command: DecideTask, part: TaskStep) -> ErrandStep:
        """Somebody has undone it by hand."""
        return self.step("settled", command, to=self._without(part.task.about or ""), tasks=(part,))
