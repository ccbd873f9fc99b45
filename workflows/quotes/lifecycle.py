"""The life of one version of a quote, from its draft to the customer's answer.

    draft -> (pending_approval -> rejected -> draft) -> approved -> sent -> accepted -> converted | declined | expired
                                                                         -> withdrawn

A draft above the tenant's limits needs a manager's approval, and not of who asked for it. A sent quote holds until its
validity ends: the customer is reminded before, and from that moment on, to the second, it can be accepted no more. A
version that has left the house is not edited: another one replaces it. This workflow decides that, as it decides
acceptance, so of the two at once exactly one happens; the transaction that supersedes this version opens the next one
as a draft, and this workflow has the next one's begin before it ends.

An answered quote has a completed workflow; converting it, or replacing a declined, expired or withdrawn one, begins a
new run from its row.

Updates: open, edit, submit, send, resend, accept, decline, withdraw, supersede, discard, convert; claim_task,
release_task, decide_task.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice
    from activities.quotes.step import QuoteStep
    from domain.cases import BeginCase, CaseKind
    from domain.people.permissions import Permission
    from domain.quotes import rules
    from domain.quotes.events import QuoteEvent
    from domain.quotes.rules import QuoteStatus
    from domain.quotes.state import QuoteState
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.couriers import begin_case
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask
    from workflows.parts.reminders import Reminders
    from workflows.quote_requests.door import answer
    from workflows.quotes.messages import AcceptQuote, OpenQuote, ReplaceQuote, WriteQuote
    from workflows.quotes.printing import print_sent
    from workflows.quotes.view import WAITS_FOR, due_as_shown_before, facts


@workflow.defn(name="QuoteWorkflow")
class QuoteWorkflow(Lifecycle[QuoteState, QuoteStep]):
    waits_for = WAITS_FOR

    @workflow.init
    def __init__(self, start: CaseStart[QuoteState]) -> None:
        super().__init__(start)
        self._printed = False

    @workflow.run
    async def run(self, start: CaseStart[QuoteState]) -> None:
        await self.live(start)
        if self.state.superseded_by_id:
            await begin_case(BeginCase(CaseKind.QUOTE, start.tenant_id, self.state.superseded_by_id))

    # What people ask for

    @opens
    def open(self, command: OpenQuote) -> QuoteStep:
        """The first step: the draft gets its number, and the request that it answers learns of it."""
        to = replace(self.state, content_id=command.content_id)
        asks = (answer(command.request_id, self.case.ref.case_id),) if command.request_id else ()
        return self.step(QuoteEvent.OPENED, command, to=to, asks=asks)

    @decides
    def edit(self, command: WriteQuote) -> QuoteStep:
        """Replaces what is offered; a rejected quote is a draft again."""
        rules.require_editable(self.state.status)
        rejected = self.state.status is QuoteStatus.REJECTED
        draft = self.state.becomes(QuoteStatus.DRAFT, workflow.now()) if rejected else self.state
        return self.step(QuoteEvent.EDITED, command, to=replace(draft, content_id=command.content_id))

    @decides
    def submit(self, command: Command) -> QuoteStep:
        """Approved at once within the tenant's limits; above them a manager is asked."""
        rules.require_draft(self.state.status)
        submitted = replace(self.state, submitted_by=command.actor.id)
        settings = self.state.settings
        if not rules.needs_approval(self.state.total or 0, self.state.largest_discount_bp, settings):
            to = submitted.becomes(QuoteStatus.APPROVED, workflow.now())
            return self.step(QuoteEvent.APPROVED_WITHIN_LIMITS, command, to=to)
        approval = self.tasks.opening(
            TaskKind.QUOTE_APPROVAL,
            "manager",
            decisions=(Decision.APPROVE, Decision.REJECT),
            requested_by=command.actor.id,
            excluded=(self.state.author_id,) if self.state.author_id else (),
            permission=Permission.QUOTES_APPROVE,
            terms=TaskTerms(due_minutes=settings.approval_hours * 60, escalate_minutes_after=(0,)),
        )
        to = submitted.becomes(QuoteStatus.PENDING_APPROVAL, workflow.now())
        return self.step(QuoteEvent.SUBMITTED, command, to=to, tasks=(approval,))

    def settled(self, command: DecideTask, part: TaskStep) -> QuoteStep:
        approved = command.decision is Decision.APPROVE
        to = self.state.becomes(QuoteStatus.APPROVED if approved else QuoteStatus.REJECTED, workflow.now())
        told = (CaseNotice(f"quote_{to.status}", "author"),)
        return self.step(QuoteEvent(to.status), command, to=to, tasks=(part,), notices=told)

    @decides
    def send(self, command: Command) -> QuoteStep:
        """To the customer, with a way to answer; from now on it holds until its validity ends."""
        to = self.state.becomes(QuoteStatus.SENT, workflow.now())
        return self.step(QuoteEvent.SENT, command, to=to, notices=(CaseNotice("quote_sent", "customer"),))

    @decides
    def resend(self, command: Command) -> QuoteStep:
        """The same message once more: what it offers, and until when, stays as it was."""
        rules.require_sent(self.state.status, self.state.valid_until, workflow.now())
        return self.step(QuoteEvent.RESENT, command, notices=(CaseNotice("quote_sent", "customer"),))

    @decides
    def accept(self, command: AcceptQuote) -> QuoteStep:
        to = replace(self._answered(QuoteStatus.ACCEPTED), answer_id=command.answer_id)
        return self.step(QuoteEvent.ACCEPTED, command, to=to, notices=(CaseNotice("quote_accepted", "author"),))

    @decides
    def decline(self, command: Command) -> QuoteStep:
        told = (CaseNotice("quote_declined", "author"),)
        return self.step(QuoteEvent.DECLINED, command, to=self._answered(QuoteStatus.DECLINED), notices=told)

    def _answered(self, answer: QuoteStatus) -> QuoteState:
        rules.require_in_time(self.state.status, self.state.valid_until, workflow.now())
        return self.state.becomes(answer, workflow.now())

    @decides
    def withdraw(self, command: Command) -> QuoteStep:
        """Takes back what waits: an approval that was asked for, which leaves a draft, or for good what was sent."""
        if self.state.status is QuoteStatus.PENDING_APPROVAL:
            draft = self.state.becomes(QuoteStatus.DRAFT, workflow.now())
            return self.step(QuoteEvent.APPROVAL_WITHDRAWN, command, to=draft, tasks=self.tasks.cancelling())
        to = self._answered(QuoteStatus.WITHDRAWN)
        return self.step(QuoteEvent.WITHDRAWN, command, to=to, notices=(CaseNotice("quote_withdrawn", "customer"),))

    @decides
    def supersede(self, command: ReplaceQuote) -> QuoteStep:
        """Ends this version in favour of the next one, which begins as a draft of the same content."""
        next_id = command.next_quote_id
        superseded = self.state.becomes(QuoteStatus.SUPERSEDED, workflow.now())
        to = replace(superseded, superseded_by_id=next_id)
        return self.step(QuoteEvent.SUPERSEDED, command, to=to, next_quote_id=next_id)

    @decides
    def discard(self, command: Command) -> QuoteStep:
        """Deletes a draft that replaces no other version."""
        rules.require_deletable(self.state.status, self.state.quote_version)
        return self.step(QuoteEvent.DELETED, command, to=replace(self.state, deleted_at=workflow.now()))

    @decides
    def convert(self, command: Command) -> QuoteStep:
        """Says that what was accepted is becoming an order."""
        return self.step(QuoteEvent.CONVERTED, command, to=self.state.becomes(QuoteStatus.CONVERTED, workflow.now()))

    # What time does

    def plan(self) -> None:
        """What becomes due of a sent quote: reminders, then the end of its validity."""
        quote = self.state
        if quote.status is QuoteStatus.SENT and quote.valid_until and quote.sent_at:
            before = tuple(timedelta(days=-days) for days in quote.settings.remind_days_before)
            reminders = Reminders(self.case.deadlines, "remind", before, "remind the customer")
            reminders.follow(quote.valid_until, quote.reminded_at or quote.sent_at)
            self.case.deadlines.set("expire", quote.valid_until, "its validity ends")

    @falls_due("expire")
    def _expired(self, _: Deadline) -> QuoteStep:
        return self.step(
            QuoteEvent.EXPIRED,
            to=self.state.becomes(QuoteStatus.EXPIRED, workflow.now()),
            reason="The customer did not answer while it was valid.",
            notices=(CaseNotice("quote_expired", "author"),),
        )

    @falls_due("remind")
    def _reminded(self, deadline: Deadline) -> QuoteStep | None:
        if self.state.valid_until is None or workflow.now() >= self.state.valid_until:
            return None
        told = (CaseNotice("quote_reminder", "customer"),)
        to = replace(self.state, reminded_at=deadline.at)
        return self.step(QuoteEvent.REMINDED, to=to, reason="Its validity ends soon.", notices=told)

    async def before_messages(self) -> None:
        """The paper that goes with the message of a sent quote is printed once."""
        if self.state.sent_at and not self._printed:
            await print_sent(self.case.ref)
            self._printed = True

    # What an operator sees

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
