"""A lifecycle made of human tasks, reminders and nothing else."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import Step
    from domain.cases import CaseState
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask
    from workflows.parts.reminders import Reminders


class AskingStatus(StrEnum):
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class AskingState(CaseState):
    """`end` is what the reminders come before, `trap` a moment at which the rules will say no."""

    kind = "asking"

    status: AskingStatus = AskingStatus.OPEN
    end: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    reminded_at: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    trap: datetime | None = None

    @property
    def over(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class AskingStep(Step[AskingState]):
    state: AskingState


@workflow.defn
class AskingWorkflow(Lifecycle[AskingState, AskingStep]):
    @workflow.init
    def __init__(self, start: CaseStart[AskingState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[AskingState]) -> None:
        await self.live(start)

    @decides
    def ask(self, command: Command) -> AskingStep:
        terms = TaskTerms(due_minutes=24 * 60, remind_minutes_before=(240,), escalate_minutes_after=(0, 60))
        task = self.tasks.opening(
            TaskKind.QUOTE_APPROVAL,
            "reviewer",
            decisions=(Decision.APPROVE, Decision.REJECT),
            approvals_needed=2,
            requested_by=command.actor.id,
            terms=terms,
        )
        return self.step("asked", command, tasks=(task,))

    @decides
    def withdraw(self, command: Command) -> AskingStep:
        return self.step("withdrawn", command, tasks=self.tasks.cancelling())

    @decides
    def set_trap(self, command: Command) -> AskingStep:
        return self.step("trapped", command, to=replace(self.state, trap=workflow.now() + timedelta(hours=1)))

    def settled(self, command: DecideTask, part: TaskStep) -> AskingStep:
        return self.step(f"settled_{command.decision}", command, tasks=(part,))

    def plan(self) -> None:
        days = (timedelta(days=-30), timedelta(days=-7))
        Reminders(self.case.deadlines, "remind", days, "remind of the end").follow(
            self.state.end, self.state.reminded_at
        )
        if self.state.trap:
            self.case.deadlines.set("trap", self.state.trap, "what the rules forbid")

    @falls_due("remind")
    def _reminded(self, deadline: Deadline) -> AskingStep:
        return self.step("reminded", to=replace(self.state, reminded_at=deadline.at))

    @falls_due("trap")
    def _trapped(self, _: Deadline) -> AskingStep:
        raise Refusal("forbidden", "The rules forbid it.")
