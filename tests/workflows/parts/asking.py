"""A lifecycle made of human tasks and nothing else, with activities that keep everything in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseRef, Step, StepResult
    from activities.tasks.step import TaskDeed, TaskStep
    from domain.calendar import BusinessCalendar
    from domain.tasks.rules import Decision, Task, TaskKind, TaskStatus
    from domain.tasks.schedule import TaskTerms, schedule
    from workflows.parts.case import CarriedCase, Case
    from workflows.parts.command import Applied, Command
    from workflows.parts.deadline import Deadline
    from workflows.parts.reminders import Reminders
    from workflows.parts.task_messages import DecideTask
    from workflows.parts.tasks import DecidedByPeople, HumanTasks


@dataclass(frozen=True, kw_only=True)
class AskingStep(Step):
    tasks: tuple[TaskStep, ...] = ()
    reminded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AskingResult(StepResult):
    tasks: tuple[Task, ...] = ()
    reminded_at: datetime


class Ledger:
    """What a database would keep of one case."""

    def __init__(self) -> None:
        self.version = 0
        self.kinds: list[str] = []
        self.tasks: dict[UUID, Task] = {}
        self.reminded_at = datetime(2020, 1, 1, tzinfo=UTC)

    @activity.defn(name="asking.take_step")
    async def take_step(self, step: AskingStep) -> AskingResult:
        self.version = step.version
        self.kinds.append(step.kind)
        self.reminded_at = step.reminded_at or self.reminded_at
        for part in step.tasks:
            task = part.task
            if part.deed is TaskDeed.OPENED:
                plan = schedule(task.terms, task.role, step.at, BusinessCalendar("UTC", always_open=True))
                task = replace(task, opened_at=step.at, due_at=plan.due_at, moments=plan.moments)
            self.tasks[task.id] = task
        return await self.load(CaseRef(step.tenant_id, step.case_id))

    @activity.defn(name="asking.load")
    async def load(self, ref: CaseRef) -> AskingResult:
        pending = tuple(task for task in self.tasks.values() if task.status is TaskStatus.PENDING)
        return AskingResult(version=self.version, tasks=pending, reminded_at=self.reminded_at)


@dataclass(frozen=True)
class AskingStart:
    tenant_id: UUID
    case_id: UUID
    anchor: datetime
    carried: CarriedCase | None = None
    tasks: tuple[Task, ...] = field(default=())


@workflow.defn
class AskingWorkflow(DecidedByPeople):
    @workflow.init
    def __init__(self, start: AskingStart) -> None:
        self.anchor = start.anchor
        self.case: Case[AskingStep, AskingResult] = Case(
            CaseRef(start.tenant_id, start.case_id),
            start.carried or CarriedCase(),
            take_step=Ledger.take_step,
            load=Ledger.load,
            adopt=self._adopt,
            due=self._due,
        )
        self.tasks = HumanTasks(self.case, start.tasks, make_step=self._step, settled=self._settled)
        days = (timedelta(days=-30), timedelta(days=-7))
        self.reminders = Reminders(self.case.deadlines, "end", days, "remind of the end")

    @workflow.run
    async def run(self, start: AskingStart) -> None:
        if start.carried is None:
            await self.case.begin_from_row()
        await self.case.live()
        if not self.case.over:
            workflow.continue_as_new(replace(start, carried=self.case.carried(), tasks=self.tasks.pending))

    @workflow.update
    async def ask(self, command: Command) -> Applied:
        return await self.case.apply(command, self._asked)

    @workflow.update
    async def withdraw(self, command: Command) -> Applied:
        return await self.case.apply(
            command, lambda command: self._step("withdrawn", command, tasks=self.tasks.cancelling())
        )

    def _asked(self, command: Command) -> AskingStep:
        terms = TaskTerms(due_minutes=24 * 60, remind_minutes_before=(240,), escalate_minutes_after=(0, 60))
        task = self.tasks.opening(
            TaskKind.QUOTE_APPROVAL,
            "reviewer",
            decisions=(Decision.APPROVE, Decision.REJECT),
            approvals_needed=2,
            requested_by=command.actor.id,
            terms=terms,
        )
        return self._step("asked", command, tasks=(task,))

    def _settled(self, command: DecideTask, part: TaskStep) -> AskingStep:
        return self._step(f"settled_{command.decision}", command, tasks=(part,))

    def _due(self, deadline: Deadline) -> AskingStep | None:
        if self.reminders.reminds(deadline):
            return self._step("reminded", reminded_at=deadline.at)
        return self.tasks.due(deadline)

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        /,
        *,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
        reminded_at: datetime | None = None,
    ) -> AskingStep:
        return AskingStep(**self.case.next_step(kind, command), reason=reason, tasks=tasks, reminded_at=reminded_at)

    def _adopt(self, result: AskingResult, _: str) -> None:
        self.tasks.adopt(result.tasks)
        self.reminders.follow(self.anchor, result.reminded_at)
        self.case.show([], "\n".join(self.tasks.details()))
