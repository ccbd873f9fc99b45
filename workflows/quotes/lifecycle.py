"""The life of one version of a quote, from its draft to the customer's answer.

    draft -> (pending_approval -> rejected -> draft) -> approved -> sent -> accepted -> converted | declined | expired

A draft above the tenant's limits needs a manager's approval, and not of who asked for it. A sent quote holds until its
validity ends: the customer is reminded before, and from that moment on, to the second, it can be accepted no more. A
version that has left the house is not edited: another one replaces it. This workflow decides that, as it decides
acceptance, so of the two at once exactly one happens; the transaction that supersedes this version opens the next one
as a draft, and this workflow starts the next one's before it ends.

An answered quote has a completed workflow; converting it, or replacing a declined or expired one, begins a new run from
its row.

Updates: open, edit, submit, send, accept, decline, supersede, discard, convert; claim_task, release_task, decide_task.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseRef
    from activities.quotes.printing import QuoteDocumentActivities
    from activities.quotes.step import QuoteActivities, QuoteNotice, QuoteState, QuoteStep, QuoteStepResult
    from activities.tasks.step import TaskStep
    from domain.cases import CaseKind, workflow_id
    from domain.people.permissions import Permission
    from domain.quotes import rules
    from domain.quotes.papers import PrintQuote
    from domain.quotes.rules import QuoteStatus
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.case import TENANT, CarriedCase, Case
    from workflows.parts.command import Command
    from workflows.parts.deadline import Deadline
    from workflows.parts.decision import decides, opens
    from workflows.parts.reminders import Reminders
    from workflows.parts.task_messages import DecideTask
    from workflows.parts.tasks import DecidedByPeople, HumanTasks
    from workflows.policies import DOCUMENTS_QUEUE, PRINT_RETRY, PRINT_TIMEOUT
    from workflows.quotes.messages import AcceptQuote, CarriedQuote, QuoteStart, ReplaceQuote, WriteQuote
    from workflows.quotes.view import details, search_attributes


@workflow.defn(name="QuoteWorkflow")
class QuoteWorkflow(DecidedByPeople):
    @workflow.init
    def __init__(self, start: QuoteStart) -> None:
        carried = start.carried or CarriedQuote(CarriedCase(), QuoteState())
        self.quote = carried.quote
        self.printed = False
        self.case: Case[QuoteStep, QuoteStepResult] = Case(
            CaseRef(start.tenant_id, start.case_id),
            carried.case,
            take_step=QuoteActivities.take_step,
            load=QuoteActivities.load,
            adopt=self._adopt,
            due=self._on_due,
            before_messages=self._print_what_is_sent,
        )
        self.tasks = HumanTasks(self.case, carried.tasks, make_step=self._step, settled=self._decided)

    @workflow.run
    async def run(self, start: QuoteStart) -> None:
        if not start.new and start.carried is None:
            await self.case.begin_from_row()
        await self.case.live()
        if not self.case.over:
            carried = CarriedQuote(self.case.carried(), self.quote, self.tasks.pending)
            workflow.continue_as_new(QuoteStart(start.tenant_id, start.case_id, carried=carried))
        if self.quote.superseded_by_id:
            await self._start_next_version(self.quote.superseded_by_id)

    # What people ask for

    @opens
    def open(self, command: WriteQuote) -> QuoteStep:
        """The first step: the draft gets its number."""
        return self._step("opened", command, content_id=command.content_id)

    @decides
    def edit(self, command: WriteQuote) -> QuoteStep:
        """Replaces what is offered; a rejected quote is a draft again."""
        rules.require_editable(self.quote.status)
        return self._step("edited", command, status=QuoteStatus.DRAFT, content_id=command.content_id)

    @decides
    def submit(self, command: Command) -> QuoteStep:
        """Approved at once within the tenant's limits; above them a manager is asked."""
        rules.require_draft(self.quote.status)
        settings, asker = self.quote.settings, command.actor.id
        if not rules.needs_approval(self.quote.total, self.quote.largest_discount_bp, settings):
            status = rules.transition(self.quote.status, QuoteStatus.APPROVED)
            return self._step("approved_within_limits", command, status=status, submitted_by=asker)
        status = rules.transition(self.quote.status, QuoteStatus.PENDING_APPROVAL)
        approval = self.tasks.opening(
            TaskKind.QUOTE_APPROVAL,
            "manager",
            decisions=(Decision.APPROVE, Decision.REJECT),
            requested_by=asker,
            excluded=(self.quote.author_id,) if self.quote.author_id else (),
            permission=Permission.QUOTES_APPROVE,
            terms=TaskTerms(due_minutes=settings.approval_hours * 60, escalate_minutes_after=(0,)),
        )
        return self._step("submitted", command, tasks=(approval,), status=status, submitted_by=asker)

    def _decided(self, command: DecideTask, decided: TaskStep) -> QuoteStep:
        approved = command.decision is Decision.APPROVE
        status = rules.transition(self.quote.status, QuoteStatus.APPROVED if approved else QuoteStatus.REJECTED)
        told = QuoteNotice(f"quote_{status}", "author")
        return self._step(status, command, tasks=(decided,), notices=(told,), status=status)

    @decides
    def send(self, command: Command) -> QuoteStep:
        """To the customer, with a way to answer; from now on it holds until its validity ends."""
        status = rules.transition(self.quote.status, QuoteStatus.SENT)
        return self._step("sent", command, status=status, notices=(QuoteNotice("quote_sent", "customer"),))

    @decides
    def accept(self, command: AcceptQuote) -> QuoteStep:
        status = self._answered(QuoteStatus.ACCEPTED)
        told = (QuoteNotice("quote_accepted", "author"),)
        return self._step("accepted", command, status=status, answer_id=command.answer_id, notices=told)

    @decides
    def decline(self, command: Command) -> QuoteStep:
        status = self._answered(QuoteStatus.DECLINED)
        return self._step("declined", command, status=status, notices=(QuoteNotice("quote_declined", "author"),))

    def _answered(self, answer: QuoteStatus) -> QuoteStatus:
        rules.require_in_time(self.quote.status, self.quote.valid_until, workflow.now())
        return rules.transition(self.quote.status, answer)

    @decides
    def supersede(self, command: ReplaceQuote) -> QuoteStep:
        """Ends this version in favour of the next one, which begins as a draft of the same content."""
        status = rules.transition(self.quote.status, QuoteStatus.SUPERSEDED)
        next_id = command.next_quote_id
        return self._step("superseded", command, status=status, superseded_by_id=next_id, next_quote_id=next_id)

    @decides
    def discard(self, command: Command) -> QuoteStep:
        """Deletes a draft that replaces no other version."""
        rules.require_deletable(self.quote.status, self.quote.quote_version)
        return self._step("deleted", command, deleted_at=workflow.now())

    @decides
    def convert(self, command: Command) -> QuoteStep:
        """Says that what was accepted is becoming an order."""
        return self._step("converted", command, status=rules.transition(self.quote.status, QuoteStatus.CONVERTED))

    # What time does

    def _on_due(self, deadline: Deadline) -> QuoteStep | None:
        if deadline.name == "life/expire":
            told = (QuoteNotice("quote_expired", "author"),)
            reason = "The customer did not answer while it was valid."
            return self._step("expired", status=QuoteStatus.EXPIRED, reason=reason, notices=told)
        if self._reminders.reminds(deadline):
            return self._reminded(deadline)
        return self.tasks.due(deadline)

    def _reminded(self, deadline: Deadline) -> QuoteStep | None:
        if self.quote.valid_until is None or workflow.now() >= self.quote.valid_until:
            return None
        told = (QuoteNotice("quote_reminder", "customer"),)
        return self._step("reminded", reminded_at=deadline.at, reason="Its validity ends soon.", notices=told)

    # What comes of a step

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        /,
        *,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
        notices: tuple[QuoteNotice, ...] = (),
        next_quote_id: UUID | None = None,
        **changes: Any,
    ) -> QuoteStep:
        return QuoteStep(
            **self.case.next_step(kind, command),
            reason=reason,
            changes=changes,
            tasks=tasks,
            notices=notices,
            next_quote_id=next_quote_id,
        )

    def _adopt(self, result: QuoteStepResult, last_step: str) -> None:
        self.quote = result.quote
        self.case.over = self.quote.status in rules.FINISHED or self.quote.deleted_at is not None
        self._plan()
        self.tasks.adopt(result.tasks)
        waiting, deadline = self.tasks.details(), self.case.deadlines.next
        self.case.show(
            [*search_attributes(self.case.ref.tenant_id, self.quote), *self.tasks.attributes()],
            details(self.quote, self.case.version, last_step, deadline, waiting),
        )

    def _plan(self) -> None:
        """What becomes due of a sent quote: reminders, then the end of its validity."""
        quote, deadlines = self.quote, self.case.deadlines
        deadlines.clear()
        if quote.status is QuoteStatus.SENT and quote.valid_until and quote.sent_at:
            self._reminders.follow(quote.valid_until, quote.reminded_at or quote.sent_at)
            deadlines.set("life/expire", quote.valid_until, "its validity ends")

    @property
    def _reminders(self) -> Reminders:
        before = tuple(timedelta(days=-days) for days in self.quote.settings.remind_days_before)
        return Reminders(self.case.deadlines, "validity", before, "remind the customer")

    async def _print_what_is_sent(self) -> None:
        """Before the messages of a step: the paper that goes with them is printed once."""
        if self.quote.sent_at and not self.printed:
            await workflow.execute_activity_method(
                QuoteDocumentActivities.print,
                PrintQuote(self.case.ref.tenant_id, self.case.ref.case_id, sent=True),
                task_queue=DOCUMENTS_QUEUE,
                start_to_close_timeout=PRINT_TIMEOUT,
                retry_policy=PRINT_RETRY,
                summary="print the quote",
            )
            self.printed = True

    async def _start_next_version(self, next_id: UUID) -> None:
        tenant_id = self.case.ref.tenant_id
        try:
            await workflow.start_child_workflow(
                QuoteWorkflow.run,
                QuoteStart(tenant_id, next_id),
                id=workflow_id(CaseKind.QUOTE, next_id),
                # Once it is begun it is its own master: a command may have begun it, and it may have ended since.
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(tenant_id))]),
                static_summary=f"Quote of tenant {tenant_id}",
            )
        except WorkflowAlreadyStartedError:
            return
