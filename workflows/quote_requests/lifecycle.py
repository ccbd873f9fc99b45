"""The life of a customer's request for a quote.

    open -> quoted | declined | closed

It opens a task for sales. Whoever makes a quote of it answers it; a decision on the task declines it, or closes it when
it was answered in another way. Its author is told.

Updates: open, answer; claim_task, release_task, decide_task.
"""

from dataclasses import replace
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseRef
    from activities.quote_requests.step import (
        QuoteRequestActivities,
        QuoteRequestState,
        QuoteRequestStep,
        QuoteRequestStepResult,
    )
    from activities.tasks.step import TaskStep
    from domain.people.permissions import Permission
    from domain.quote_requests import rules
    from domain.quote_requests.rules import QuoteRequestStatus
    from domain.tasks.rules import Decision, TaskKind, TaskStatus
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.case import CASE_STATUS, TENANT, CarriedCase, Case
    from workflows.parts.command import Command
    from workflows.parts.deadline import Deadline
    from workflows.parts.decision import decides, opens
    from workflows.parts.task_messages import DecideTask
    from workflows.parts.tasks import DecidedByPeople, HumanTasks
    from workflows.quote_requests.messages import AnswerRequest, CarriedQuoteRequest, QuoteRequestStart

_TERMS = TaskTerms(due_minutes=24 * 60, remind_minutes_before=(4 * 60,), escalate_minutes_after=(0,))


@workflow.defn(name="QuoteRequestWorkflow")
class QuoteRequestWorkflow(DecidedByPeople):
    @workflow.init
    def __init__(self, start: QuoteRequestStart) -> None:
        carried = start.carried or CarriedQuoteRequest(CarriedCase(), QuoteRequestState())
        self.request = carried.request
        self.case: Case[QuoteRequestStep, QuoteRequestStepResult] = Case(
            CaseRef(start.tenant_id, start.case_id),
            carried.case,
            take_step=QuoteRequestActivities.take_step,
            load=QuoteRequestActivities.load,
            adopt=self._adopt,
            due=self._on_due,
        )
        self.tasks = HumanTasks(self.case, carried.tasks, make_step=self._step, settled=self._decided)

    @workflow.run
    async def run(self, start: QuoteRequestStart) -> None:
        if not start.new and start.carried is None:
            await self.case.begin_from_row()
        await self.case.live()
        if not self.case.over:
            carried = CarriedQuoteRequest(self.case.carried(), self.request, self.tasks.pending)
            workflow.continue_as_new(QuoteRequestStart(start.tenant_id, start.case_id, carried=carried))

    # What people ask for

    @opens
    def open(self, command: Command) -> QuoteRequestStep:
        """The first step: number, and a task for sales."""
        task = self.tasks.opening(
            TaskKind.QUOTE_REQUEST,
            "agent",
            decisions=(Decision.DONE, Decision.REJECT),
            requested_by=command.actor.id,
            permission=Permission.QUOTES_WRITE,
            terms=_TERMS,
        )
        return self._step("opened", command, tasks=(task,))

    @decides
    def answer(self, command: AnswerRequest) -> QuoteRequestStep:
        """A quote was made of it."""
        status = rules.transition(self.request.status, QuoteRequestStatus.QUOTED)
        # Whoever had claimed the task: it is done by who made the quote.
        who = command.actor.id
        tasks = tuple(
            self.tasks.changing(
                task, status=TaskStatus.DONE, decision=Decision.DONE, decided_by=who, assignee_id=who, moments=()
            )
            for task in self.tasks.pending
        )
        step = self._step("quoted", command, tasks=tasks)
        return replace(step, status=status, quote_id=command.quote_id, notice="quote_request_quoted")

    def _decided(self, command: DecideTask, decided: TaskStep) -> QuoteRequestStep:
        declined = command.decision is Decision.REJECT
        to = QuoteRequestStatus.DECLINED if declined else QuoteRequestStatus.CLOSED
        status = rules.transition(self.request.status, to)
        return replace(self._step(status, command, tasks=(decided,)), status=status, notice="quote_request_settled")

    def _on_due(self, deadline: Deadline) -> QuoteRequestStep | None:
        return self.tasks.due(deadline)

    # What comes of a step

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        /,
        *,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
    ) -> QuoteRequestStep:
        return QuoteRequestStep(**self.case.next_step(kind, command), reason=reason, tasks=tasks)

    def _adopt(self, result: QuoteRequestStepResult, last_step: str) -> None:
        self.request = result.request
        self.case.over = self.request.status is not QuoteRequestStatus.OPEN
        self.case.deadlines.clear()
        self.tasks.adopt(result.tasks)
        attributes: list[Any] = [
            CASE_STATUS.value_set(self.request.status),
            TENANT.value_set(str(self.case.ref.tenant_id)),
            *self.tasks.attributes(),
        ]
        self.case.show(attributes, self._details(last_step))

    def _details(self, last_step: str) -> str:
        lines = [
            f"### {self.request.number}: {self.request.status}",
            f"- **Since** {self.request.status_since:%Y-%m-%d %H:%M} UTC",
            *self.tasks.details(),
            f"- **Last step** {last_step.replace('_', ' ')} (version {self.case.version})",
        ]
        if (deadline := self.case.deadlines.next) and deadline.at:
            lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
        return "\n".join(lines)
