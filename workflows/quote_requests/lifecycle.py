"""The life of a customer's request for a quote.

    open -> quoted | declined | closed | withdrawn

It opens a task for sales. Writing a quote for it answers it; a decision on the task declines it, or closes it when it
was answered in another way. Its author is told by mail, and can withdraw it until then.

Updates: open, answer, withdraw; claim_task, release_task, decide_task.
"""

from dataclasses import replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice, Step
    from domain.people.permissions import Permission
    from domain.quote_requests.rules import QuoteRequestEvent, QuoteRequestState, QuoteRequestStatus
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind, TaskStatus
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.decisions import decides, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask
    from workflows.quote_requests.messages import AnswerRequest

_Step = Step[QuoteRequestState]
_TERMS = TaskTerms(due_minutes=24 * 60, remind_minutes_before=(4 * 60,), escalate_minutes_after=(0,))


@workflow.defn(name="QuoteRequestWorkflow")
class QuoteRequestWorkflow(Lifecycle[QuoteRequestState, _Step]):
    @workflow.init
    def __init__(self, start: CaseStart[QuoteRequestState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[QuoteRequestState]) -> None:
        await self.live(start)

    @opens
    def open(self, command: Command) -> _Step:
        """The first step: number, and a task for sales."""
        task = self.tasks.opening(
            TaskKind.QUOTE_REQUEST,
            "agent",
            decisions=(Decision.DONE, Decision.REJECT),
            requested_by=command.actor.id,
            permission=Permission.QUOTES_WRITE,
            terms=_TERMS,
        )
        return self.step(QuoteRequestEvent.OPENED, command, tasks=(task,))

    @decides
    def answer(self, command: AnswerRequest) -> _Step:
        """A quote was made of it."""
        quoted = replace(self.state.becomes(QuoteRequestStatus.QUOTED, workflow.now()), quote_id=command.quote_id)
        # Done by the author of the quote, whoever had claimed the task.
        who = command.actor.id
        done = {"status": TaskStatus.DONE, "decision": Decision.DONE, "decided_by": who, "assignee_id": who}
        tasks = tuple(self.tasks.changing(task, **done, moments=()) for task in self.tasks.pending)
        told = (CaseNotice("quote_request_quoted", "requester"),)
        return self.step(QuoteRequestEvent.QUOTED, command, to=quoted, tasks=tasks, notices=told)

    @decides
    def withdraw(self, command: Command) -> _Step:
        """It is not wanted any more: nobody is asked about it from now on."""
        to = self.state.becomes(QuoteRequestStatus.WITHDRAWN, workflow.now())
        return self.step(QuoteRequestEvent.WITHDRAWN, command, to=to, tasks=self.tasks.cancelling())

    def settled(self, command: DecideTask, part: TaskStep) -> _Step:
        declined = command.decision is Decision.REJECT
        event = QuoteRequestEvent.DECLINED if declined else QuoteRequestEvent.CLOSED
        to = self.state.becomes(QuoteRequestStatus(event), workflow.now())
        told = (CaseNotice("quote_request_settled", "requester"),)
        return self.step(event, command, to=to, tasks=(part,), notices=told)
