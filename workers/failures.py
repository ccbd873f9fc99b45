"""Writes down which activities keep failing: the worker knows it first, and at the least cost."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity, worker
from temporalio.exceptions import ApplicationError

from models.database import Database
from models.failing import FailingActivity
from stores.failing import forget_failure, note_failure

KEEPS_FAILING_FROM = 3
"""The attempt from which on a failure is more than bad luck."""

_PATIENCE_SECONDS = 2.0
_LONGEST_NAME = 60

log = structlog.get_logger()


class NotedFailures(worker.Interceptor):
    """Notes activities of cases that keep failing in the database, and forgets them when they have ended.

    What cannot be noted is not: it must not make an activity fail, and the next attempt notes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002
        return _Noted(next, self._database)


class _Noted(worker.ActivityInboundInterceptor):
    def __init__(self, following: worker.ActivityInboundInterceptor, database: Database) -> None:
        super().__init__(following)
        self._database = database

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        tenant_id = getattr(input.args[0], "tenant_id", None) if input.args else None
        try:
            answer = await super().execute_activity(input)
        except asyncio.CancelledError:
            cancelled = activity.cancellation_details()
            if tenant_id and cancelled and cancelled.timed_out:
                await self._failed(tenant_id, "timed_out", last=False)
            raise
        except Exception as error:
            if tenant_id:
                await self._failed(tenant_id, _fault(error), last=_is_last(error))
            raise
        if tenant_id:
            await self._ended(tenant_id)
        return answer

    async def _failed(self, tenant_id: UUID, fault: str, *, last: bool) -> None:
        info = activity.info()
        if last:
            await self._ended(tenant_id)
        elif info.attempt >= KEEPS_FAILING_FROM and info.workflow_id:
            failed = FailingActivity(
                tenant_id=tenant_id,
                workflow_id=info.workflow_id,
                activity_id=info.activity_id,
                activity=info.activity_type,
                attempts=info.attempt,
                fault=fault[:_LONGEST_NAME],
                since=info.scheduled_time,
                failed_at=datetime.now(UTC),
            )
            await _unless_away(note_failure(self._database, failed))

    async def _ended(self, tenant_id: UUID) -> None:
        info = activity.info()
        if info.attempt > KEEPS_FAILING_FROM and info.workflow_id:
            await _unless_away(forget_failure(self._database, tenant_id, info.workflow_id, info.activity_id))


async def _unless_away(noting: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await noting
    except (SQLAlchemyError, TimeoutError) as away:
        log.warning("failure_not_noted", cause=type(away).__name__)


def _fault(error: Exception) -> str:
    return (error.type if isinstance(error, ApplicationError) else None) or type(error).__name__


def _is_last(error: Exception) -> bool:
    if isinstance(error, ApplicationError) and error.non_retryable:
        return True
    policy = activity.info().retry_policy
    return bool(policy and policy.maximum_attempts and activity.info().attempt >= policy.maximum_attempts)
