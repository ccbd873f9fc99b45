"""Writes down which activities keep failing, and tells their cases: who works knows it first, and at the least cost."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity, worker
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.cases.step import Step
from domain.cases import CaseRef
from models.database import Database
from models.failing import FailingActivity
from stores.failing import forget_earlier_run, forget_failure, note_attempt, note_failure
from workflows.parts.lifecycle import Lifecycle
from workflows.parts.messages import StepFails

KEEPS_FAILING_FROM = 3
"""The attempt from which on a failure is more than bad luck."""

TELLS_ITS_CASE_AFTER = 8
"""So many attempts, which take about twenty seconds, and then whenever there were twice as many: being told is an event
of the case's history."""

NO_ANSWER = "no_answer"
"""The fault of attempts of which nobody has said how they failed: their workers died or hung."""

_PATIENCE_SECONDS = 2.0
_LONGEST_NAME = 60

T = TypeVar("T")

log = structlog.get_logger(__name__)


class NotedFailures(worker.Interceptor):
    """Notes activities of cases that keep failing in the database, and forgets them when they have ended. A case whose
    own step keeps failing is told, so that operators see it there.

    What cannot be noted is not: it must not make an activity fail, and the next attempt notes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002
        return _Noted(next, self._database)


@dataclass(frozen=True)
class _Subject:
    """Whose activity it is: of which tenant, and for which step of its case; it `takes` that, `begins` the case from
    its row, or does something else for it."""

    tenant_id: UUID
    step_id: UUID | None
    kind: str | None
    takes: bool
    begins: bool

    @classmethod
    def of(cls, argument: Any) -> Self | None:
        tenant_id = getattr(argument, "tenant_id", None)
        if tenant_id is None:
            return None
        step = argument if isinstance(argument, Step) else None
        step_id = step.id if step else getattr(argument, "step_id", None)
        # Other activities of a case are given its reference, too: those that print.
        begins = isinstance(argument, CaseRef) and activity.info().activity_type.endswith(".load")
        return cls(tenant_id, step_id, step.kind if step else None, takes=step is not None, begins=begins)


class _Noted(worker.ActivityInboundInterceptor):
    def __init__(self, following: worker.ActivityInboundInterceptor, database: Database) -> None:
        super().__init__(following)
        self._database = database

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        subject = _Subject.of(input.args[0]) if input.args else None
        if subject is None:
            return await super().execute_activity(input)
        await self._begun(subject)
        try:
            answer = await super().execute_activity(input)
        except asyncio.CancelledError:
            cancelled = activity.cancellation_details()
            if cancelled and cancelled.timed_out:
                await self._failed(subject, "timed_out", last=False)
            raise
        except Exception as error:
            await self._failed(subject, _fault(error), last=_is_last(error))
            raise
        await self._ended(subject)
        return answer

    async def _begun(self, subject: _Subject) -> None:
        """Counts the attempts before this one: they may have been the end of their worker, which then said nothing."""
        before = activity.info().attempt - 1
        if before < KEEPS_FAILING_FROM:
            return
        fault = await _unless_away(note_attempt(self._database, _failing(subject, before, NO_ANSWER)))
        if fault == NO_ANSWER:
            _log(subject, before, fault)
        if fault and (subject.takes or subject.begins) and _is_told_after(before):
            await _tell_case(subject, before, fault)

    async def _failed(self, subject: _Subject, fault: str, *, last: bool) -> None:
        attempt = activity.info().attempt
        if last:
            await self._ended(subject)
        elif attempt >= KEEPS_FAILING_FROM:
            _log(subject, attempt, fault)
            await _unless_away(note_failure(self._database, _failing(subject, attempt, fault)))

    async def _ended(self, subject: _Subject) -> None:
        info = activity.info()
        if info.workflow_id and subject.begins:
            await _unless_away(forget_earlier_run(self._database, subject.tenant_id, info.workflow_id))
        elif info.attempt > KEEPS_FAILING_FROM and info.workflow_id:
            await _unless_away(forget_failure(self._database, subject.tenant_id, info.workflow_id, info.activity_id))


def _failing(subject: _Subject, attempts: int, fault: str) -> FailingActivity:
    info = activity.info()
    return FailingActivity(
        tenant_id=subject.tenant_id,
        workflow_id=info.workflow_id or "",
        activity_id=info.activity_id,
        activity=info.activity_type,
        attempts=attempts,
        fault=fault[:_LONGEST_NAME],
        since=info.scheduled_time,
        failed_at=datetime.now(UTC),
    )


async def _tell_case(subject: _Subject, attempts: int, fault: str) -> None:
    info = activity.info()
    fails = StepFails(step_id=subject.step_id, attempts=attempts, code=fault, since=info.scheduled_time)
    case = activity.client().get_workflow_handle(info.workflow_id or "", run_id=info.workflow_run_id)
    await _unless_away(case.signal(Lifecycle.step_fails, fails))


async def _unless_away(noting: Coroutine[Any, Any, T]) -> T | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await noting
    except (SQLAlchemyError, RPCError, TimeoutError) as away:
        log.warning("failure_not_noted", cause=type(away).__name__)
        return None


def _log(subject: _Subject, attempts: int, fault: str) -> None:
    info = activity.info()
    log.warning(
        "activity_keeps_failing",
        code=fault,
        case=info.workflow_id,
        command=str(subject.step_id) if subject.step_id else None,
        step=subject.kind,
        activity=info.activity_type,
        attempts=attempts,
    )


def _is_told_after(attempts: int) -> bool:
    times, rest = divmod(attempts, TELLS_ITS_CASE_AFTER)
    return rest == 0 and times.bit_count() == 1


def _fault(error: Exception) -> str:
    return (error.type if isinstance(error, ApplicationError) else None) or type(error).__name__


def _is_last(error: Exception) -> bool:
    if isinstance(error, ApplicationError) and error.non_retryable:
        return True
    policy = activity.info().retry_policy
    return bool(policy and policy.maximum_attempts and activity.info().attempt >= policy.maximum_attempts)
