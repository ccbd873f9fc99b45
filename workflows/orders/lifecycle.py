"""The life of an order: what was sold is delivered or undone, never in between.

    request -> validated -> in_progress -> delivered
    any but delivered -> cancelled, once nothing is left of what was done

Staff look at it, unless it comes from an accepted quote within the tenant's limit. Then its stock is claimed, its
invoice issued and, where the tenant wants it so, paid. Its lines are fulfilled at the same time, by staff or by another
system, and somebody confirms the delivery. Whatever fails on the way, and a cancellation at any moment, undoes all of
that in reverse: lines, invoice, stock. What cannot be undone becomes a task, and the order waits for it.

Updates: open, edit, cancel, deliver; claim_task, release_task, decide_task; of its stock and invoice: stock_arrived,
invoice_issued, invoice_paid, invoice_cancelled.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice
    from activities.orders.step import OrderStep
    from domain.orders import rules
    from domain.orders.events import OrderEvent
    from domain.orders.rules import CancelCode, InvoiceStage, LineStatus, OrderStatus, StockStage
    from domain.orders.state import OrderState
    from domain.people.permissions import Permission
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.invoices import door as invoices
    from workflows.orders.fulfilment import Lines
    from workflows.orders.messages import CancelOrder, DeliverOrder, EditOrder, InvoiceTells, OpenOrder
    from workflows.orders.view import due_as_shown_before, facts
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask
    from workflows.parts.saga import Saga
    from workflows.quotes import door as quotes

_INVOICE_ANSWERS_WITHIN = timedelta(days=1)


@workflow.defn(name="OrderWorkflow")
class OrderWorkflow(Lifecycle[OrderState, OrderStep]):
    @workflow.init
    def __init__(self, start: CaseStart[OrderState]) -> None:
        super().__init__(start)
        self._lines = Lines(self)

    @workflow.run
    async def run(self, start: CaseStart[OrderState]) -> None:
        await self.live(start, self._story)

    async def _story(self) -> None:
        async with Saga(self, begins=self._cancelled, ends=self._unwound) as saga:
            await self._validated()
            await saga.stage("stock", self._claim_stock, done=self._stock_claimed, undo=self._release_stock)
            await self.case.until(lambda: self.state.stock is StockStage.RESERVED)
            await saga.stage("invoice", self._invoice, done=self._invoiced, undo=self._cancel_invoice)
            await self._issued_and_paid()
            await self._begin_fulfilment()
            await saga.together(*(self._lines.stage(saga, line.name) for line in self.state.lines))
            await self.case.until(lambda: self.state.status is OrderStatus.DELIVERED)

    # Its stages, and what undoes them

    async def _validated(self) -> None:
        await self.case.until(lambda: self.state.status is not OrderStatus.REQUEST)

    # What a stage does is decided in its turn: somebody may have cancelled while it waited for that.

    async def _claim_stock(self) -> None:
        await self.case.record(self._claiming)

    def _claiming(self) -> OrderStep | None:
        return None if self.state.unwinding else self.step(OrderEvent.STOCK_CLAIMED, claims=True)

    def _stock_claimed(self) -> bool:
        return self.state.stock is not StockStage.NONE

    async def _release_stock(self) -> None:
        if self.state.stock in (StockStage.WAITING, StockStage.RESERVED):
            await self.case.record(
                lambda: self.step(OrderEvent.STOCK_RELEASED, to=replace(self.state, stock=StockStage.RELEASED))
            )

    async def _invoice(self) -> None:
        await self.case.record(self._invoicing)

    def _invoicing(self) -> OrderStep | None:
        if self.state.unwinding:
            return None
        invoice_id = workflow.uuid7()
        to = replace(self.state, invoice=InvoiceStage.ASKED, invoice_id=invoice_id, invoice_asked_at=workflow.now())
        asks = (invoices.issue(invoice_id, self.case.ref.case_id),)
        return self.step(OrderEvent.INVOICED, to=to, asks=asks)

    def _invoiced(self) -> bool:
        return self.state.invoice is not InvoiceStage.NONE or self._costs_nothing

    @property
    def _costs_nothing(self) -> bool:
        return self.state.total == 0

    async def _cancel_invoice(self) -> None:
        """Whether it was paid in the same moment, its own case decides: it is credited then."""
        if self.state.invoice in (InvoiceStage.NONE, InvoiceStage.CANCELLED) or self.state.invoice_id is None:
            return
        if self.state.invoice not in (InvoiceStage.CANCELLING, InvoiceStage.SILENT):
            asks = (invoices.cancel(self.state.invoice_id, self.state.cancel_code or CancelCode.ASKED),)
            await self.case.record(lambda: self._withdrawing(asks))
        await self.case.until(lambda: self.state.invoice in (InvoiceStage.CANCELLED, InvoiceStage.SILENT))
        if self.state.invoice is InvoiceStage.SILENT:
            raise Refusal("invoice_silent", "The invoice has not answered.")

    def _withdrawing(self, asks: Any) -> OrderStep | None:
        if self.state.invoice is InvoiceStage.CANCELLED:
            return None
        to = replace(self.state, invoice=InvoiceStage.CANCELLING, invoice_asked_at=workflow.now())
        return self.step(OrderEvent.INVOICE_WITHDRAWN, to=to, asks=asks)

    async def _issued_and_paid(self) -> None:
        await self.case.until(lambda: self.state.begun or self._costs_nothing or self.state.invoice in self._enough)

    @property
    def _enough(self) -> tuple[InvoiceStage, ...]:
        """What its invoice must be before anything is fulfilled."""
        return (InvoiceStage.PAID,) if self.state.payment_first else (InvoiceStage.ISSUED, InvoiceStage.PAID)

    async def _begin_fulfilment(self) -> None:
        if not self.state.begun:
            self.case.proceed()
            await self.case.record(self._beginning)

    def _beginning(self) -> OrderStep | None:
        if self.state.unwinding:
            return None
        lines = [replace(line, status=LineStatus.ASKED, by_webhook=self.state.by_webhook) for line in self.state.lines]
        to = replace(self.state.becomes(OrderStatus.IN_PROGRESS, workflow.now()), lines=tuple(lines))
        tasks = () if self.state.by_webhook else tuple(self._lines.left_to_staff(line) for line in lines)
        return self.step(OrderEvent.FULFILMENT_BEGUN, to=to, tasks=tasks)

    # What calls it off

    def _cancelled(self, code: str, command: Command | None = None, settled: TaskStep | None = None) -> OrderStep:
        """The step that begins to undo everything; nobody is asked for anything any more."""
        others = (part for part in self.tasks.cancelling() if not settled or part.task.id != settled.task.id)
        return self.step(
            OrderEvent.CANCELLED,
            command,
            to=replace(self.state.becomes(OrderStatus.CANCELLED, workflow.now()), cancel_code=code),
            reason=None if command else code,
            tasks=(*((settled,) if settled else ()), *others),
            notices=(CaseNotice("order_cancelled", "customer"),),
        )

    def _unwound(self) -> OrderStep:
        return self.step(OrderEvent.UNWOUND, to=replace(self.state, unwound_at=workflow.now()))

    # What people ask for

    @opens
    def open(self, command: OpenOrder) -> OrderStep:
        """The first step: its number, and somebody's look at it where the tenant wants one."""
        ordered = replace(self.state, content_id=command.content_id)
        asks = (quotes.convert(command.quote_id),) if command.quote_id else ()
        if command.validated:
            return self.step(OrderEvent.OPENED, command, to=self._valid(ordered), asks=asks, claims=True)
        look = self.tasks.opening(
            TaskKind.ORDER_VALIDATION,
            "agent",
            decisions=(Decision.APPROVE, Decision.REJECT),
            requested_by=command.actor.id,
            permission=Permission.ORDERS_WORK,
            terms=TaskTerms(due_minutes=command.validation_hours * 60, escalate_minutes_after=(0,)),
        )
        return self.step(OrderEvent.OPENED, command, to=ordered, asks=asks, tasks=(look,))

    def _valid(self, order: OrderState) -> OrderState:
        return order.becomes(OrderStatus.VALIDATED, workflow.now())

    @decides
    def edit(self, command: EditOrder) -> OrderStep:
        """Replaces what is ordered, for as long as nobody has looked at it."""
        rules.require_editable(self.state.status)
        return self.step(OrderEvent.EDITED, command, to=replace(self.state, content_id=command.content_id))

    @decides
    def cancel(self, command: CancelOrder) -> OrderStep:
        """Undoes all that was done, from wherever it stands."""
        rules.require_cancellable(self.state.status, by_customer=command.by_customer)
        return self._cancelled(CancelCode.ASKED, command)

    @decides
    def deliver(self, command: DeliverOrder) -> OrderStep:
        """Says that the customer has all of it."""
        delivered = self.state.becomes(OrderStatus.DELIVERED, workflow.now())
        if not self.state.fulfilled:
            raise Refusal("order_not_fulfilled", "Not every line of this order has been fulfilled.")
        to = replace(delivered, delivery_id=command.delivery_id, delivered_at=workflow.now())
        return self.step(OrderEvent.DELIVERED, command, to=to, notices=(CaseNotice("order_delivered", "customer"),))

    def settled(self, command: DecideTask, part: TaskStep) -> OrderStep:
        if part.task.kind is TaskKind.ORDER_VALIDATION:
            return self._looked_at(command, part)
        if part.task.kind is TaskKind.FULFILMENT:
            return self._dealt_with(command, part)
        return self._undone_by_hand(command, part)

    def _looked_at(self, command: DecideTask, part: TaskStep) -> OrderStep:
        if command.decision is Decision.REJECT:
            return self._cancelled(CancelCode.REJECTED, command, part)
        return self.step(OrderEvent.VALIDATED, command, to=self._valid(self.state), tasks=(part,))

    def _dealt_with(self, command: DecideTask, part: TaskStep) -> OrderStep:
        line = self.state.line(part.task.about or "")
        if command.decision is Decision.DONE:
            to = self.state.with_line(replace(line, status=LineStatus.FULFILLED))
            return self.step(OrderEvent.LINE_FULFILLED, command, to=to, tasks=(part,))
        failed = self._cancelled(CancelCode.LINE_FAILED, command, part)
        return replace(failed, state=failed.state.with_line(replace(line, status=LineStatus.FAILED)))

    def _undone_by_hand(self, command: DecideTask, part: TaskStep) -> OrderStep:
        about = part.task.about or ""
        if about == "invoice":
            to = replace(self.state, invoice=InvoiceStage.CANCELLED)
            return self.step(OrderEvent.INVOICE_CANCELLED, command, to=to, tasks=(part,))
        if about == "stock":
            to = replace(self.state, stock=StockStage.RELEASED)
            return self.step(OrderEvent.STOCK_RELEASED, command, to=to, tasks=(part,))
        to = self.state.with_line(replace(self.state.line(about), status=LineStatus.UNDONE))
        return self.step(OrderEvent.LINE_UNDONE, command, to=to, tasks=(part,))

    # What its stock and its invoice tell

    @decides
    def stock_arrived(self, command: Command) -> OrderStep:
        """All that the order waited for is reserved for it."""
        if self.state.stock is not StockStage.WAITING:
            raise Refusal("nothing_changes", "This order does not wait for stock.")
        to = replace(self.state, stock=StockStage.RESERVED)
        return self.step(OrderEvent.STOCK_ARRIVED, command, to=to)

    @decides
    def invoice_issued(self, command: InvoiceTells) -> OrderStep:
        self._require_invoice(command, InvoiceStage.ASKED)
        pay_by = workflow.now() + timedelta(days=self.state.settings.pay_within_days)
        to = replace(self.state, invoice=InvoiceStage.ISSUED, pay_by=pay_by if self.state.payment_first else None)
        return self.step(OrderEvent.INVOICE_ISSUED, command, to=to)

    @decides
    def invoice_paid(self, command: InvoiceTells) -> OrderStep:
        self._require_invoice(command, InvoiceStage.ASKED, InvoiceStage.ISSUED)
        return self.step(OrderEvent.INVOICE_PAID, command, to=replace(self.state, invoice=InvoiceStage.PAID))

    @decides
    def invoice_cancelled(self, command: InvoiceTells) -> OrderStep:
        """What it was asked for; or somebody has done it by hand, and there is no order without an invoice."""
        self._require_invoice(command, *(stage for stage in InvoiceStage if stage is not InvoiceStage.CANCELLED))
        to = replace(self.state, invoice=InvoiceStage.CANCELLED)
        if self.state.status in (OrderStatus.DELIVERED, OrderStatus.CANCELLED):
            return self.step(OrderEvent.INVOICE_CANCELLED, command, to=to)
        cancelled = self._cancelled(CancelCode.INVOICE_CANCELLED, command)
        return replace(cancelled, state=replace(cancelled.state, invoice=InvoiceStage.CANCELLED))

    def _require_invoice(self, command: InvoiceTells, *stages: InvoiceStage) -> None:
        if command.invoice_id != self.state.invoice_id or self.state.invoice not in stages:
            raise Refusal("nothing_changes", "This order does not wait for that of its invoice.")

    # What time does

    def plan(self) -> None:
        order = self.state
        if order.pay_by and order.invoice is InvoiceStage.ISSUED and not order.unwinding:
            self.case.deadlines.set("pay", order.pay_by, "cancel: its invoice is not paid")
        if order.invoice is InvoiceStage.CANCELLING and order.invoice_asked_at:
            silent = order.invoice_asked_at + _INVOICE_ANSWERS_WITHIN
            self.case.deadlines.set("invoice_silent", silent, "ask people: its invoice has not answered")

    @falls_due("pay")
    def _not_paid(self, _: Deadline) -> OrderStep:
        return self._cancelled(CancelCode.UNPAID)

    @falls_due("invoice_silent")
    def _not_answered(self, _: Deadline) -> OrderStep:
        return self.step(OrderEvent.INVOICE_SILENT, to=replace(self.state, invoice=InvoiceStage.SILENT))

    # What an operator sees

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
