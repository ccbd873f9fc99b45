"""The case: what every lifecycle is made of. Lock, version, steps, deadlines, deliveries and a clean end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError

from activities.cases.step import CaseRef, Step, StepResult
from activities.mail.deliveries import DeliveryActivities
from domain.cases import SYSTEM
from domain.mail import SendStep
from domain.refusal import Refusal
from workflows.parts.command import Applied, Command
from workflows.parts.deadline import Deadline, Deadlines
from workflows.policies import (
    DELIVERY_HEARTBEAT,
    DELIVERY_QUEUE,
    DELIVERY_RETRY,
    DELIVERY_TIMEOUT,
    STEP_RETRY,
    STEP_TIMEOUT,
)

REMEMBERED_COMMANDS = 64

CASE_STATUS = SearchAttributeKey.for_keyword("CaseStatus")
TENANT = SearchAttributeKey.for_keyword("Tenant")
TEAM = SearchAttributeKey.for_keyword("Team")
ASSIGNEE = SearchAttributeKey.for_keyword("Assignee")
PRIORITY = SearchAttributeKey.for_keyword("Priority")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")

C = TypeVar("C", bound=Command)
S = TypeVar("S", bound=Step)
R = TypeVar("R", bound=StepResult)


@dataclass(frozen=True)
class CarriedCase:
    """What a case hands to its next run when it continues as new."""

    version: int = 0
    deadlines: tuple[Deadline, ...] = ()
    undelivered: tuple[UUID, ...] = ()
    applied: tuple[UUID, ...] = ()


class Case(Generic[S, R]):
    """One case and its only decider.

    Commands and deadlines take turns under one lock, so each is decided on the state that the one before it left. A
    lifecycle gives the two activities that make a step durable and read the row back; `adopt`, which takes over what
    came of a step; and `due`, which says what step a deadline causes, or None when it only ends the wait. Before the
    messages of a step are sent, `before_messages` does what they need.
    """

    def __init__(
        self,
        ref: CaseRef,
        carried: CarriedCase,
        *,
        take_step: Callable[[Any, S], Awaitable[R]],
        load: Callable[[Any, CaseRef], Awaitable[R]],
        adopt: Callable[[R, str], None],
        due: Callable[[Deadline], S | None],
        before_messages: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.ref = ref
        self.version = carried.version
        self.deadlines = Deadlines(carried.deadlines)
        self.over = False
        self._ready = False
        self._take_step, self._load, self._adopt, self._due = take_step, load, adopt, due
        self._before_messages = before_messages
        self._lock = asyncio.Lock()
        self._undelivered = list(carried.undelivered)
        self._applied = list(carried.applied)
        self._attributes: dict[str, Any] = {}

    # Commands

    async def apply(self, command: C, decide: Callable[[C], S]) -> Applied:
        """Takes one command in its turn. Raises ApplicationError with the refusal's code when the rules forbid it."""
        await workflow.wait_condition(lambda: self._ready)
        async with self._lock:
            if command.id not in self._applied:
                await self._settle_overdue()
                await self._take(self._decided(command, decide))
            return Applied(self.version)

    def validate(self, command: C, decide: Callable[[C], S]) -> None:
        """Refuses what is plainly illegal before it is queued; a case that is not loaded yet has no opinion.

        It sees the state before the queue, so `apply` decides again under the lock.
        """
        if self._ready and command.id not in self._applied:
            self._decided(command, decide)

    def _decided(self, command: C, decide: Callable[[C], S]) -> S:
        try:
            if command.expected_version not in (None, self.version):
                raise Refusal("version_mismatch", f"The case has moved on: it is at version {self.version}.")
            return decide(command)
        except Refusal as refusal:
            raise ApplicationError(refusal.sentence, type=refusal.code, non_retryable=True) from None

    # Steps

    def next_step(self, kind: str, command: Command | None) -> dict[str, Any]:
        """What every step says of itself. Without a command its id follows from the workflow and the step, so that it
        is the same however often the step is tried."""
        version = self.version + 1
        step_id = command.id if command else uuid5(NAMESPACE_URL, f"{workflow.info().workflow_id}/{version}/{kind}")
        return {
            "tenant_id": self.ref.tenant_id,
            "case_id": self.ref.case_id,
            "id": step_id,
            "kind": kind,
            "actor": command.actor if command else SYSTEM,
            "correlation_id": command.correlation_id if command else str(step_id),
            "version": version,
            "at": workflow.now(),
        }

    async def _take(self, step: S) -> None:
        """Makes a step durable and moves the case; only under the lock."""
        try:
            result = await self._database(self._take_step, step, step.kind.replace("_", " "))
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError):
                raise ApplicationError(error.cause.message, type=error.cause.type, non_retryable=True) from None
            raise
        self._applied = [*self._applied, step.id][-REMEMBERED_COMMANDS:]
        if result.deliveries:
            self._undelivered.append(step.id)
        # Below: the step was done long ago and came again under its old id; the case knows better by now.
        if result.version > self.version:
            self.version = result.version
            self._adopt(result, step.kind)

    async def begin_from_row(self) -> None:
        """Begins where an earlier run of the case has ended: with its row."""
        result = await self._database(self._load, self.ref, "begin from the row")
        self.version = result.version
        self._adopt(result, "loaded")

    async def _database(self, activity: Callable[[Any, Any], Awaitable[R]], argument: object, summary: str) -> R:
        return await workflow.execute_activity_method(
            activity, argument, start_to_close_timeout=STEP_TIMEOUT, retry_policy=STEP_RETRY, summary=summary
        )

    # Life

    async def live(self) -> None:
        """Lets deadlines fire, each in its turn, until the case is over or its history has grown long.

        On return no handler runs, and at the end of the case its messages are sent.
        """
        self._ready = True
        courier = asyncio.create_task(self._deliver())
        while not self._leaving():
            await self.deadlines.wait(until=self._leaving)
            async with self._lock:
                await self._settle_overdue()
        if self.over:
            await workflow.wait_condition(lambda: not self._undelivered and workflow.all_handlers_finished())
        courier.cancel()
        await workflow.wait([courier])
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _leaving(self) -> bool:
        return self.over or workflow.info().is_continue_as_new_suggested()

    async def _settle_overdue(self) -> None:
        while deadline := self.deadlines.take_overdue():
            if step := self._due(deadline):
                await self._take(step)

    async def _deliver(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._undelivered))
            if self._before_messages:
                await self._before_messages()
            await workflow.execute_activity_method(
                DeliveryActivities.send_step,
                SendStep(self.ref.tenant_id, self._undelivered[0]),
                task_queue=DELIVERY_QUEUE,
                start_to_close_timeout=DELIVERY_TIMEOUT,
                heartbeat_timeout=DELIVERY_HEARTBEAT,
                retry_policy=DELIVERY_RETRY,
                # The next run sends this step again; the two must not overlap.
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary="send the messages of a step",
            )
            self._undelivered.pop(0)

    def carried(self) -> CarriedCase:
        """What the next run needs to go on."""
        return CarriedCase(self.version, self.deadlines.carried(), tuple(self._undelivered), tuple(self._applied))

    def show(self, attributes: Iterable[SearchAttributeUpdate[Any]], details: str) -> None:
        """Tells the operator: search attributes when they changed, and what the case waits for, in Markdown."""
        changed = [update for update in attributes if self._attributes.get(update.key.name) != update.value]
        if changed:
            self._attributes.update({update.key.name: update.value for update in changed})
            workflow.upsert_search_attributes(changed)
        workflow.set_current_details(details)
