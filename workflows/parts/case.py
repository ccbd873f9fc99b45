"""The case: what every lifecycle is made of. Lock, version, steps, deadlines, deliveries and a clean end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError

from workflows.parts.command import Applied, Command
from workflows.parts.deadline import Deadline, Deadlines

with workflow.unsafe.imports_passed_through():
    from activities.case_steps import Step, StepResult
    from activities.deliveries import DeliveryActivities, SendStep
    from domain.refusal import Refusal
    from workflows.policies import DELIVERY_HEARTBEAT, DELIVERY_QUEUE, DELIVERY_RETRY, DELIVERY_TIMEOUT

REMEMBERED_COMMANDS = 64

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

    A lifecycle gives it two things: `record`, which makes one step durable (one activity, one transaction) and adopts
    what came of it, and `due`, which says what step a deadline causes. Commands and deadlines take turns under one lock,
    so each is decided on the state that the one before it left.
    """

    def __init__(
        self,
        tenant_id: UUID,
        carried: CarriedCase,
        *,
        record: Callable[[S], Awaitable[R]],
        due: Callable[[Deadline], S | None],
    ) -> None:
        self.tenant_id = tenant_id
        self.version = carried.version
        self.deadlines = Deadlines(carried.deadlines)
        self.ready = False
        self.over = False
        self._record = record
        self._due = due
        self._lock = asyncio.Lock()
        self._undelivered = list(carried.undelivered)
        self._applied = list(carried.applied)
        self._attributes: dict[str, object] = {}

    async def apply(self, command: Command, decide: Callable[[], S]) -> Applied:
        """Takes one command in its turn. Raises ApplicationError with the refusal's code when the rules forbid it."""
        await workflow.wait_condition(lambda: self.ready)
        async with self._lock:
            if command.id in self._applied:
                return Applied(self.version)
            await self._settle_overdue()
            step = self.check(command, decide)
            await self.take(step)
            return Applied(self.version)

    def validate(self, command: Command, decide: Callable[[], S]) -> None:
        """Refuses what is plainly illegal before it is queued; a case that is not loaded yet has no opinion."""
        if self.ready:
            self.check(command, decide)

    def check(self, command: Command, decide: Callable[[], S]) -> S:
        """The step that the command would cause now. Raises ApplicationError when the rules forbid it.

        `validate` sees the state before the queue; `apply` looks again under the lock.
        """
        try:
            if command.expected_version is not None and command.expected_version != self.version:
                raise Refusal("version_mismatch", f"The case has moved on: it is at version {self.version}.")
            return decide()
        except Refusal as refusal:
            raise as_failure(refusal) from None

    async def take(self, step: S) -> None:
        """Makes a step durable and moves the case; call it under the lock only."""
        try:
            result = await self._record(step)
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError):
                raise ApplicationError(error.cause.message, type=error.cause.type, non_retryable=True) from None
            raise
        self.version = max(self.version, result.version)
        self._applied = [*self._applied, step.id][-REMEMBERED_COMMANDS:]
        if result.deliveries:
            self._undelivered.append(step.id)

    def system_step_id(self, kind: str) -> UUID:
        """The id of a step that nobody asked for: the same whenever this run of the story is replayed."""
        return uuid5(NAMESPACE_URL, f"{workflow.info().workflow_id}/{self.version + 1}/{kind}")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The time in which the case lives. On leaving, running handlers are waited for, and at its end its deliveries."""
        self.ready = True
        courier = asyncio.create_task(self._deliver())
        yield
        if self.over:
            await workflow.wait_condition(lambda: not self._undelivered and workflow.all_handlers_finished())
        courier.cancel()
        await asyncio.wait([courier])
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def live(self) -> None:
        """Lets deadlines fire, each in its turn, until the case is over or its history has grown long."""
        while not self._leaving:
            await self.deadlines.wait(until=lambda: self._leaving)
            async with self._lock:
                await self._settle_overdue()

    @property
    def _leaving(self) -> bool:
        return self.over or workflow.info().is_continue_as_new_suggested()

    async def _settle_overdue(self) -> None:
        while deadline := self.deadlines.take_overdue():
            if step := self._due(deadline):
                await self.take(step)

    async def _deliver(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._undelivered))
            await workflow.execute_activity_method(
                DeliveryActivities.send_step,
                SendStep(self.tenant_id, self._undelivered[0]),
                task_queue=DELIVERY_QUEUE,
                start_to_close_timeout=DELIVERY_TIMEOUT,
                heartbeat_timeout=DELIVERY_HEARTBEAT,
                retry_policy=DELIVERY_RETRY,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary="Send the messages of one step",
            )
            self._undelivered.pop(0)

    def carried(self) -> CarriedCase:
        """What the next run needs to go on."""
        return CarriedCase(self.version, self.deadlines.carried(), tuple(self._undelivered), tuple(self._applied))

    def show(self, attributes: Iterable[SearchAttributeUpdate], details: str) -> None:
        """Tells the operator: search attributes when they changed, and what the case waits for, in Markdown."""
        changed = [update for update in attributes if self._attributes.get(update.key.name, "") != update.value]
        if changed:
            self._attributes.update({update.key.name: update.value for update in changed})
            workflow.upsert_search_attributes(changed)
        workflow.set_current_details(details)


def as_failure(refusal: Refusal) -> ApplicationError:
    """A refusal in the only shape that an update handler may raise."""
    return ApplicationError(refusal.sentence, type=refusal.code, non_retryable=True)


CASE_STATUS = SearchAttributeKey.for_keyword("CaseStatus")
TENANT = SearchAttributeKey.for_keyword("Tenant")
TEAM = SearchAttributeKey.for_keyword("Team")
ASSIGNEE = SearchAttributeKey.for_keyword("Assignee")
PRIORITY = SearchAttributeKey.for_keyword("Priority")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
