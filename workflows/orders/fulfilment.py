"""The lines of an order: each is fulfilled, and undone, beside the others, by staff or by the tenant's own system."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import partial
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.orders.step import OrderStep
    from activities.orders.webhook import FulfilmentActivities
    from domain.cases import CaseRef
    from domain.orders.calls import FulfilmentCall
    from domain.orders.events import OrderEvent
    from domain.orders.rules import LineStatus
    from domain.orders.state import OrderLineState, OrderState
    from domain.people.permissions import Permission
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.saga import Saga
    from workflows.policies import DELIVERY_QUEUE, WEBHOOK_GIVEN_UP_AFTER, WEBHOOK_RETRY, WEBHOOK_TIMEOUT


class Lines:
    """The lines of one order, by their names."""

    def __init__(self, order: Lifecycle[OrderState, OrderStep]) -> None:
        self._order, self._case = order, order.case

    async def stage(self, saga: Saga[OrderStep], name: str) -> None:
        """Fulfils a line, as a stage of the order's story."""
        await saga.stage(
            name,
            partial(self._fulfil, name),
            done=lambda: self._line(name).status is LineStatus.FULFILLED,
            undo=partial(self._undo, name),
        )

    def left_to_staff(self, line: OrderLineState) -> TaskStep:
        """The task of staff to fulfil a line, as a part of the next step."""
        return self._order.tasks.opening(
            TaskKind.FULFILMENT,
            "agent",
            about=line.name,
            decisions=(Decision.DONE, Decision.REJECT),
            permission=Permission.ORDERS_WORK,
            terms=TaskTerms(due_minutes=self._order.state.settings.fulfilment_hours * 60, escalate_minutes_after=(0,)),
        )

    def _line(self, name: str) -> OrderLineState:
        return self._order.state.line(name)

    async def _fulfil(self, name: str) -> None:
        if self._line(name).by_webhook:
            await self._call_out(name)
        await self._case.until(lambda: self._line(name).status is not LineStatus.ASKED)

    async def _call_out(self, name: str) -> None:
        await self._case.record(lambda: self._calling(name))
        if not self._line(name).called:
            return
        outcome = await call_webhook(self._case.ref, self._line(name).id, unless=lambda: self._case.called_off)
        if outcome is Called.DONE:
            await self._becomes(name, LineStatus.FULFILLED, OrderEvent.LINE_FULFILLED)
        elif outcome is Called.GIVEN_UP:
            await self._case.record(lambda: self._give_to_staff(name))

    def _calling(self, name: str) -> OrderStep | None:
        line = self._line(name)
        if line.called or self._order.state.unwinding:
            return None
        return self._step(OrderEvent.LINE_CALLED, replace(line, called=True))

    def _give_to_staff(self, name: str) -> OrderStep | None:
        if self._order.state.unwinding:
            return None
        line = replace(self._line(name), by_webhook=False)
        return self._step(OrderEvent.LINE_LEFT_TO_STAFF, line, self.left_to_staff(line))

    async def _undo(self, name: str) -> None:
        line = self._line(name)
        if line.status in (LineStatus.OPEN, LineStatus.UNDONE):
            return
        if line.called and await call_webhook(self._case.ref, line.id, undo=True) is not Called.DONE:
            raise Refusal("webhook_silent", "Who has fulfilled the line has not taken it back.")
        if line.status is LineStatus.FULFILLED and not line.by_webhook:
            raise Refusal("done_by_hand", "What was done by hand is undone by hand.")
        await self._becomes(name, LineStatus.UNDONE, OrderEvent.LINE_UNDONE)

    async def _becomes(self, name: str, status: LineStatus, event: OrderEvent) -> None:
        await self._case.record(lambda: self._step(event, replace(self._line(name), status=status)))

    def _step(self, event: OrderEvent, line: OrderLineState, *tasks: TaskStep) -> OrderStep:
        return self._order.step(event, to=self._order.state.with_line(line), tasks=tasks)


class Called(StrEnum):
    DONE = "done"
    GIVEN_UP = "given_up"
    CALLED_OFF = "called_off"


async def call_webhook(
    order: CaseRef, line_id: UUID, *, undo: bool = False, unless: Callable[[], bool] = lambda: False
) -> Called:
    """Calls until it answers, for a day at most, or until `unless` says that it is not wanted any more; what has come
    of a call that was on its way is not known then."""
    summary = "undo a line" if undo else "fulfil a line"
    call = workflow.start_activity_method(
        FulfilmentActivities.call,
        FulfilmentCall(order.tenant_id, order.case_id, line_id, undo=undo),
        task_queue=DELIVERY_QUEUE,
        start_to_close_timeout=WEBHOOK_TIMEOUT,
        schedule_to_close_timeout=WEBHOOK_GIVEN_UP_AFTER,
        retry_policy=WEBHOOK_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )
    await workflow.wait_condition(lambda: call.done() or unless())
    if not call.done():
        call.cancel()
    try:
        await call
    except ActivityError:
        return Called.CALLED_OFF if unless() else Called.GIVEN_UP
    return Called.DONE
