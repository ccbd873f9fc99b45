"""The life of an invoice, from its draft until nothing is owed any more.

    draft -> issued -> sent -> (partially_paid) -> (overdue) -> paid; cancelled from any

Issuing gives it its number, in the transaction that makes it so, and from then on it never changes: what was wrong is
cancelled by a credit note. From the day by which it was due the customer is reminded some times, when the company is
open, then staff are asked. This workflow decides, so of a payment and a cancellation in the same moment exactly one
happens. What was paid before a cancellation is a task for staff, to return it.

A paid or cancelled invoice has a completed workflow; cancelling a paid one begins a new run from its row. An invoice
for an order tells the order what becomes of it.

Updates: open, edit, issue, send, pay, cancel; claim_task, release_task, decide_task.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice
    from activities.invoices.step import InvoiceStep
    from domain.cases import Ask
    from domain.invoices import rules
    from domain.invoices.events import InvoiceEvent
    from domain.invoices.papers import InvoicePaper, papers_mailed
    from domain.invoices.rules import NOT_YET_OVERDUE, InvoiceStatus
    from domain.invoices.state import InvoiceState
    from domain.people.permissions import Permission
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import TaskKind
    from workflows.invoices.messages import CancelInvoice, OpenInvoice, RecordPayment, WriteInvoice
    from workflows.invoices.printing import print_paper
    from workflows.invoices.telling import told
    from workflows.invoices.view import WAITS_FOR, due_as_shown_before, facts
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask

_SENT = (CaseNotice("invoice_sent", "customer"),)
_MOST_URGENT = 3
"""The last of the mails there are; settings may ask for more reminders than that."""


@workflow.defn(name="InvoiceWorkflow")
class InvoiceWorkflow(Lifecycle[InvoiceState, InvoiceStep]):
    waits_for = WAITS_FOR

    @workflow.init
    def __init__(self, start: CaseStart[InvoiceState]) -> None:
        super().__init__(start)
        self._printed: set[InvoicePaper] = set()

    @workflow.run
    async def run(self, start: CaseStart[InvoiceState]) -> None:
        await self.live(start)

    # What people and orders ask for

    @opens
    def open(self, command: OpenInvoice) -> InvoiceStep:
        """The first step: a draft; or, for an order, an invoice that is issued and sent at once."""
        draft = replace(self.state, content_id=command.content_id, order_id=command.order_id)
        if not command.at_once:
            return self.step(InvoiceEvent.OPENED, command, to=draft)
        sent = self._issued(draft).becomes(InvoiceStatus.SENT, workflow.now())
        to = replace(sent, sent_at=workflow.now())
        asks = told(command.order_id, "invoice_issued", self.case.ref.case_id)
        return self.step(InvoiceEvent.ISSUED, command, to=to, notices=_SENT, asks=asks)

    @decides
    def edit(self, command: WriteInvoice) -> InvoiceStep:
        """Replaces what a draft says."""
        rules.require_draft(self.state.status)
        return self.step(InvoiceEvent.EDITED, command, to=replace(self.state, content_id=command.content_id))

    @decides
    def issue(self, command: Command) -> InvoiceStep:
        """Gives it its number, for good."""
        return self.step(InvoiceEvent.ISSUED, command, to=self._issued(self.state), asks=self._told("invoice_issued"))

    def _issued(self, draft: InvoiceState) -> InvoiceState:
        return replace(draft.becomes(InvoiceStatus.ISSUED, workflow.now()), issued_at=workflow.now())

    @decides
    def send(self, command: Command) -> InvoiceStep:
        """To the customer, on paper."""
        rules.require_sendable(self.state.status, self.state.sent_at)
        issued = self.state.status is InvoiceStatus.ISSUED
        to = self.state.becomes(InvoiceStatus.SENT, workflow.now()) if issued else self.state
        return self.step(InvoiceEvent.SENT, command, to=replace(to, sent_at=workflow.now()), notices=_SENT)

    @decides
    def pay(self, command: RecordPayment) -> InvoiceStep:
        """Takes a payment; with the last of them the invoice is paid."""
        now, state = workflow.now(), self.state
        rules.require_payable(state.status, command.amount, state.owed, command.paid_at, now)
        to = replace(state, paid_amount=state.paid_amount + command.amount)
        if to.owed:
            # What is late stays late until all of it is paid.
            first = state.status in (InvoiceStatus.ISSUED, InvoiceStatus.SENT)
            to = to.becomes(InvoiceStatus.PARTIALLY_PAID, now) if first else to
            return self.step(InvoiceEvent.PAYMENT_RECORDED, command, to=to, payment_id=command.payment_id)
        return self.step(
            InvoiceEvent.PAID,
            command,
            to=replace(to.becomes(InvoiceStatus.PAID, now), paid_at=now),
            tasks=self.tasks.cancelling(),
            notices=(CaseNotice("invoice_paid", "customer"),),
            asks=self._told("invoice_paid"),
            payment_id=command.payment_id,
        )

    @decides
    def cancel(self, command: CancelInvoice) -> InvoiceStep:
        """Discards a draft; credits what was issued. What was paid is to be returned by staff."""
        state = self.state
        cancelled = replace(state.becomes(InvoiceStatus.CANCELLED, workflow.now()), cancelled_at=workflow.now())
        credited = state.issued_at is not None
        asks = self._told("invoice_cancelled", credited=credited)
        if not credited:
            return self.step(InvoiceEvent.DISCARDED, command, to=cancelled, asks=asks, code=command.code)
        refund = self.tasks.opening(TaskKind.INVOICE_REFUND, "manager", permission=Permission.INVOICES_RECORD_PAYMENT)
        return self.step(
            InvoiceEvent.CANCELLED,
            command,
            to=replace(cancelled, refund_due=state.paid_amount),
            tasks=(*self.tasks.cancelling(), *((refund,) if state.paid_amount else ())),
            notices=(CaseNotice("invoice_cancelled", "customer"),) if state.sent_at else (),
            asks=asks,
            code=command.code,
        )

    def settled(self, command: DecideTask, part: TaskStep) -> InvoiceStep:
        if part.task.kind is TaskKind.INVOICE_REFUND:
            to = replace(self.state, refunded_at=workflow.now())
            return self.step(InvoiceEvent.REFUNDED, command, to=to, tasks=(part,))
        return self.step(InvoiceEvent.FOLLOWED_UP, command, tasks=(part,))

    def _told(self, command: str, **what: Any) -> tuple[Ask, ...]:
        return told(self.state.order_id, command, self.case.ref.case_id, **what)

    # What time does

    def plan(self) -> None:
        """The day by which it is due, then one reminder after the other, then a task for staff."""
        invoice, deadlines = self.state, self.case.deadlines
        if invoice.status in NOT_YET_OVERDUE and invoice.due_at:
            deadlines.set("overdue", invoice.due_at, "the term of payment ends")
        if invoice.status is InvoiceStatus.OVERDUE and invoice.dunning_at:
            if invoice.last_reminder_sent:
                deadlines.set("hand_over", invoice.dunning_at, "ask staff to see to it")
            else:
                name = f"dun/{invoice.dunning_level + 1}"
                deadlines.set(name, invoice.dunning_at, "remind the customer to pay")

    @falls_due("overdue")
    def _overdue(self, _: Deadline) -> InvoiceStep:
        to = self.state.becomes(InvoiceStatus.OVERDUE, workflow.now())
        return self.step(InvoiceEvent.OVERDUE, to=to, reason="The term of payment has ended.")

    @falls_due("dun")
    def _dunned(self, _: Deadline) -> InvoiceStep:
        level = self.state.dunning_level + 1
        return self.step(
            InvoiceEvent.DUNNED,
            to=replace(self.state, dunning_level=level, dunned_at=workflow.now()),
            reason=f"Reminder {level}: it is not paid.",
            notices=(CaseNotice(f"invoice_dunning_{min(level, _MOST_URGENT)}", "customer"),),
            needs_opening=True,
        )

    @falls_due("hand_over")
    def _handed_over(self, _: Deadline) -> InvoiceStep:
        task = self.tasks.opening(TaskKind.INVOICE_UNPAID, "manager", permission=Permission.INVOICES_RECORD_PAYMENT)
        to = replace(self.state, handed_over_at=workflow.now())
        return self.step(InvoiceEvent.HANDED_OVER, to=to, reason="No reminder has helped.", tasks=(task,))

    async def before_messages(self) -> None:
        """The papers that go with messages are printed once."""
        for paper in papers_mailed(self.state):
            if paper not in self._printed:
                await print_paper(self.case.ref, paper)
                self._printed.add(paper)

    # What an operator sees

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
