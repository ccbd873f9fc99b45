"""Asks a case's workflow to carry out a command: the one place where commands meet the engine."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from api.cases.beginning import begin_from_row, start_options
from domain.cases import SYSTEM, Actor, ActorKind, BeginCase, CaseKind, CaseRef, workflow_id
from models.cases import CommandRow
from workflows.parts.messages import Applied
from workflows.parts.refusals import is_refusal

if TYPE_CHECKING:
    from api.cases.kinds import Kind  # it knows readers, which stand on services, which hold a dispatcher

# The engine takes 10 updates in flight per workflow; what is above waits here, not there.
UPDATES_IN_FLIGHT_PER_CASE = 8

# Two endings of the engine's own that say nothing about the rules: the run closed with the update on its way.
_NO_ANSWER = frozenset({"AcceptedUpdateCompletedWorkflow", "UnprocessedUpdate"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Done:
    """The workflow took the command; the row has at least this version."""

    version: int


@dataclass(frozen=True)
class Refused:
    """The workflow refused it, by a stable code and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Unanswered:
    """The engine was slow or away; the command stays pending and will be delivered again."""


@dataclass(frozen=True)
class Defective:
    """The workflow could not even decide: a worker that does not know the command yet, or a bug. `fault` is the type of
    the failure. The command stays pending and is carried out by a worker that can."""

    fault: str


Outcome = Done | Refused | Unanswered | Defective


class Dispatcher:
    """Sends commands by Update-with-Start, the command's id as the update's, so that asking twice changes nothing.

    `observe` is told each command's kind and what became of it: done, refused, unanswered or defective.
    """

    def __init__(
        self,
        client: Client,
        kinds: "Mapping[CaseKind, Kind]",
        *,
        wait: timedelta,
        observe: Callable[[str, str], None] | None = None,
    ) -> None:
        self._client = client
        self._kinds = kinds
        self._wait = wait
        self._observe = observe
        self._lanes: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        self._under_way: dict[tuple[UUID, UUID], asyncio.Task[Outcome]] = {}

    async def dispatch(self, command: CommandRow) -> Outcome:
        """What the workflow says of the command, within the dispatcher's patience.

        Whoever asks the same meanwhile hears the same answer: of many requests on a case that was slow, each carries
        the commands that were left behind, and would fill the case's lane with them.
        """
        asked = (command.tenant_id, command.id)
        under_way = self._under_way.get(asked)
        if under_way is None:
            under_way = self._under_way[asked] = asyncio.create_task(self._dispatch(command))
            under_way.add_done_callback(lambda _: self._under_way.pop(asked, None))
        return await asyncio.shield(under_way)

    async def _dispatch(self, command: CommandRow) -> Outcome:
        if command.case_id is None:
            raise ValueError("only a case's command can be dispatched")
        with structlog.contextvars.bound_contextvars(correlation_id=command.correlation_id):
            outcome = await self._ask(command, command.case_id)
        if self._observe:
            self._observe(command.kind, type(outcome).__name__.lower())
        return outcome

    def opening_of(self, command: CommandRow) -> str | None:
        """The kind of the command that opens cases of this command's kind, None when none does."""
        return self._kinds[command.case_kind].opening if command.case_kind else None

    async def begin(self, case: BeginCase) -> None:
        """Starts a case from its row, unless it runs already. Raises RPCError when the engine is away."""
        await begin_from_row(
            self._client,
            self._kinds[case.kind],
            CaseRef(case.tenant_id, case.case_id),
            conflict=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    async def _ask(self, command: CommandRow, case_id: UUID) -> Outcome:
        lane = self._lanes.setdefault(case_id, asyncio.Semaphore(UPDATES_IN_FLIGHT_PER_CASE))
        try:
            async with asyncio.timeout(self._wait.total_seconds()), lane:
                applied = await self._update(command, case_id)
        except WorkflowUpdateFailedError as failure:
            return _outcome(command, failure.cause)
        # RuntimeError: the client's first connection failed.
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, RuntimeError) as error:
            log.warning("command_unanswered", code=type(error).__name__, **_named(command))
            return Unanswered()
        return Done(applied.version)

    async def _update(self, command: CommandRow, case_id: UUID) -> Applied:
        kind, _, update = command.kind.partition(".")
        entry = self._kinds[CaseKind(kind)]
        start = WithStartWorkflowOperation(
            entry.workflow.run,  # type: ignore[attr-defined]
            entry.start(command.tenant_id, case_id, update),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **start_options(entry.kind, command.tenant_id, case_id),
        )
        try:
            applied: Applied = await self._client.execute_update_with_start_workflow(
                update,
                payload(command),
                start_workflow_operation=start,
                id=str(command.id),
                result_type=Applied,
            )
        except BaseException:
            # The operation holds a failure to start a second time, and it is logged as lost when nobody looks.
            await asyncio.wait({asyncio.gather(start.workflow_handle(), return_exceptions=True)}, timeout=0)
            raise
        return applied


def _outcome(command: CommandRow, cause: BaseException | None) -> Outcome:
    if isinstance(cause, ApplicationError) and cause.type:
        if cause.type in _NO_ANSWER:
            log.warning("command_unanswered", code=cause.type, **_named(command))
            return Unanswered()
        if is_refusal(cause):
            return Refused(cause.type, cause.message)
    fault = (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
    log.error("command_defective", code=fault, **_named(command))
    return Defective(fault)


def _named(command: CommandRow) -> dict[str, str]:
    """What a line of the log says of a command besides its correlation id."""
    case = workflow_id(command.kind.partition(".")[0], command.case_id) if command.case_id else ""
    return {"command": command.kind, "command_id": str(command.id), "case": case}


def payload(command: CommandRow) -> dict[str, Any]:
    """What the workflow's update gets: the envelope of every command, and this one's arguments."""
    return {
        "id": command.id,
        # What a case asked of its own accord has nobody behind it.
        "actor": SYSTEM if command.asked_by and not command.actor_id else Actor(ActorKind.USER, command.actor_id),
        "correlation_id": command.correlation_id,
        "depth": command.depth,
        **command.arguments,
    }
