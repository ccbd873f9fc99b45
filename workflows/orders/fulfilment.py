"""Asking the tenant's own system to fulfil a line of an order, or to undo that."""

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.orders.webhook import FulfilmentActivities
    from domain.cases import CaseRef
    from domain.orders.calls import FulfilmentCall
    from workflows.policies import DELIVERY_QUEUE, WEBHOOK_GIVEN_UP_AFTER, WEBHOOK_RETRY, WEBHOOK_TIMEOUT


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
