"""Couriers do a step's work outside the case: they send its messages and carry its asks to other cases."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.cases.beginning import BeginActivities
from activities.cases.carrying import CommandActivities
from activities.mail.deliveries import DeliveryActivities
from domain.cases import BeginCase, StepRef
from workflows.policies import (
    ASK_RETRY,
    ASK_TIMEOUT,
    ASKS_QUEUE,
    DELIVERY_HEARTBEAT,
    DELIVERY_QUEUE,
    DELIVERY_RETRY,
    DELIVERY_TIMEOUT,
    ONCE,
    STEP_RETRY,
)

Carry = Callable[[StepRef, RetryPolicy], Awaitable[None]]


class Outcome(Enum):
    DONE = "done"
    FAILED = "failed"
    CALLED_OFF = "called_off"


class Courier:
    """Does its work for each step, in the order of the steps, beside the case and never in its way.

    What does not succeed at once is tried again beside the rest, and holds nothing back. `all_done` is called whenever
    nothing is waiting any more.
    """

    def __init__(
        self,
        tenant_id: UUID,
        carry: Carry,
        retry: RetryPolicy,
        waiting: Iterable[UUID] = (),
        all_done: Callable[[], None] = lambda: None,
    ) -> None:
        self._tenant_id, self._carry, self._retry, self._all_done = tenant_id, carry, retry, all_done
        self._fresh = list(waiting)
        self._stopped = False
        self._first: asyncio.Task[Outcome] | None = None
        self._late: dict[UUID, asyncio.Task[Outcome]] = {}
        self._tried_again: set[UUID] = set()
        self._wanted_now: set[UUID] = set()

    @property
    def waiting(self) -> tuple[UUID, ...]:
        """The steps whose work is not done."""
        return (*self._late, *self._fresh)

    def take(self, step_id: UUID) -> None:
        """Puts a step at the end of the queue."""
        self._fresh.append(step_id)

    def take_again(self, step_id: UUID) -> None:
        """Does a step's work anew: at once when it waits for its next attempt, in its turn when it was done before."""
        if step_id in self._late:
            if step_id in self._tried_again and step_id not in self._wanted_now:
                self._wanted_now.add(step_id)
                self._late[step_id].cancel()
        # The attempt under way may have passed over what it is to do now.
        elif step_id not in self._fresh[1 if self._first else 0 :]:
            self._fresh.append(step_id)

    def stop(self) -> None:
        """Begins nothing more and cancels what is under way; steps whose work was not done stay in `waiting`."""
        self._stopped = True
        for task in (self._first, *self._late.values()):
            if task:
                task.cancel()

    async def work(self) -> None:
        """Works until it is stopped. Raises only what is a defect."""
        while not self._stopped:
            await workflow.wait_condition(lambda: self._stopped or bool(self._fresh))
            if not self._stopped:
                step_id = self._fresh[0]
                self._first = asyncio.create_task(self._try(step_id, ONCE))
                await workflow.wait([self._first])
                outcome = Outcome.CALLED_OFF if self._first.cancelled() else self._first.result()
                self._first = None
                if outcome is not Outcome.CALLED_OFF:
                    self._fresh.remove(step_id)
                if outcome is Outcome.FAILED:
                    self._late[step_id] = asyncio.create_task(self._try_again(step_id))
                elif not self.waiting:
                    self._all_done()
        if self._late:
            await workflow.wait(list(self._late.values()))

    async def _try_again(self, step_id: UUID) -> Outcome:
        self._tried_again.add(step_id)
        while True:
            outcome = await self._try(step_id, self._retry)
            if step_id in self._wanted_now and not self._stopped:
                self._wanted_now.remove(step_id)
                continue
            self._tried_again.remove(step_id)
            if outcome is not Outcome.CALLED_OFF and step_id not in self._wanted_now:
                del self._late[step_id]
                if not self.waiting:
                    self._all_done()
            return outcome

    async def _try(self, step_id: UUID, retry: RetryPolicy) -> Outcome:
        # A cancellation may come too late to prevent what it calls off: what counts is how the activity ended.
        try:
            await self._carry(StepRef(self._tenant_id, step_id), retry)
        except asyncio.CancelledError:
            return Outcome.CALLED_OFF
        except ActivityError as error:
            return Outcome.CALLED_OFF if is_cancelled_exception(error) else Outcome.FAILED
        return Outcome.DONE


async def send_messages(step: StepRef, retry: RetryPolicy) -> None:
    """Sends the messages of a step."""
    await workflow.execute_activity_method(
        DeliveryActivities.send_step,
        step,
        task_queue=DELIVERY_QUEUE,
        start_to_close_timeout=DELIVERY_TIMEOUT,
        heartbeat_timeout=DELIVERY_HEARTBEAT,
        retry_policy=retry,
        # The next run sends this step again; the two must not overlap.
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary="send the messages of a step",
    )


async def carry_asks(step: StepRef, retry: RetryPolicy) -> None:
    """Carries the commands that a step has left for other cases. What stays unanswered, the sweep carries."""
    await workflow.execute_activity_method(
        CommandActivities.carry,
        step,
        # Were it to take the places of steps, as many as there are would wait for steps that have none.
        task_queue=ASKS_QUEUE,
        start_to_close_timeout=ASK_TIMEOUT,
        retry_policy=retry,
        summary="ask other cases",
    )


async def begin_case(case: BeginCase) -> None:
    """Has another case begin from its row, which a step of this one has written."""
    await workflow.execute_activity_method(
        BeginActivities.begin,
        case,
        start_to_close_timeout=ASK_TIMEOUT,
        retry_policy=STEP_RETRY,
        summary="begin another case",
    )


def messages_courier(
    tenant_id: UUID, before_messages: Callable[[], Awaitable[None]], waiting: Iterable[UUID]
) -> Courier:
    """Sends the messages of steps, after what `before_messages` does for them."""

    async def carry(step: StepRef, retry: RetryPolicy) -> None:
        await before_messages()
        await send_messages(step, retry)

    return Courier(tenant_id, carry, DELIVERY_RETRY, waiting)


def asks_courier(tenant_id: UUID, waiting: Iterable[UUID], all_done: Callable[[], None]) -> Courier:
    """Carries what steps ask of other cases."""
    return Courier(tenant_id, carry_asks, ASK_RETRY, waiting, all_done)
