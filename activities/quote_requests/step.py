"""What a quote request's workflow does to the database, and how it learns that its quote has been made."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.cases.numbers import next_number
from activities.cases.step import CaseRef, Notice, Step, StepResult, begin, finish, take_on
from activities.cases.values import as_json
from activities.tasks.step import CaseOfTask, TaskStep, take_tasks
from domain.cases import CaseKind
from domain.quote_requests.rules import QuoteRequestStatus
from domain.tasks.rules import Task
from models.cases import CommandRow
from models.database import Database
from models.quote_requests import QuoteRequest
from models.quotes import Quote
from models.tenants import Tenant
from stores.tasks import pending_tasks

NUMBER_DIGITS = 4
BORN_WITH = ("status", "customer_id", "requester_id")
"""What the row brings from its content, and the first event must tell for the timeline to hold all of the state."""


@dataclass(frozen=True, kw_only=True)
class QuoteRequestStep(Step):
    """A request's step: its new state, the quote that answers it, and a template for its author, if there are any."""

    status: QuoteRequestStatus | None = None
    quote_id: UUID | None = None
    notice: str | None = None
    tasks: tuple[TaskStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QuoteRequestState:
    """A request as its workflow knows it."""

    number: str = ""
    status: QuoteRequestStatus = QuoteRequestStatus.OPEN
    status_since: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QuoteRequestStepResult(StepResult):
    """The request after a step, and what it asks people for."""

    request: QuoteRequestState
    tasks: tuple[Task, ...] = ()


class QuoteRequestActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="quote_requests.take_step")
    async def take_step(self, step: QuoteRequestStep) -> QuoteRequestStepResult:
        """Makes a step durable in one transaction; a second attempt returns what the first one made."""
        async with self._database.transaction(step.tenant_id) as session:
            begun = await begin(session, step)
            found = sa.select(QuoteRequest, Tenant).join(Tenant, col(Tenant.id) == col(QuoteRequest.tenant_id))
            request, tenant = (await session.execute(found.where(col(QuoteRequest.id) == step.case_id))).one()
            if not begun.done:
                values: dict[str, Any] = {"status": step.status} if step.status else {}
                if step.status or step.version == 1:
                    values["status_since"] = step.at
                if step.quote_id:
                    values["quote_id"] = step.quote_id
                if step.version == 1:
                    values["number"] = await next_number(session, tenant, "QR", step.at, NUMBER_DIGITS)
                staged = await _finish(session, step, request, values, begun.reason)
                return await _result(session, request, deliveries=staged)
            return await _result(session, request, deliveries=1 if step.notice or step.tasks else 0)

    @activity.defn(name="quote_requests.load")
    async def load(self, ref: CaseRef) -> QuoteRequestStepResult:
        """The request as its row stands: where a new run begins after an earlier one has ended."""
        async with self._database.transaction(ref.tenant_id) as session:
            return await _result(session, await session.get_one(QuoteRequest, ref.case_id), deliveries=0)


async def tell_request(session: AsyncSession, step: Step, quote: Quote) -> None:
    """Writes, with the opening of a quote that answers a request, the command by which the request learns of it. It is
    carried like any other that is pending, so a crash after this transaction delays it and loses nothing."""
    if quote.request_id is None:
        return
    session.add(
        CommandRow(
            id=request_command_id(quote.id),
            tenant_id=step.tenant_id,
            case_kind=CaseKind.QUOTE_REQUEST,
            case_id=quote.request_id,
            kind="quote_request.answer",
            arguments={"quote_id": str(quote.id)},
            actor_id=step.actor.id,
            correlation_id=step.correlation_id,
            fingerprint="",
            # By the clock of the wall, by which the sweep finds it, and not by that of a case that was moved forward.
            created_at=datetime.now(UTC),
        )
    )
    await session.flush()


def request_command_id(quote_id: UUID) -> UUID:
    """The id of the command by which a request learns of its quote."""
    return uuid5(NAMESPACE_URL, f"quote/{quote_id}/answers")


async def _finish(
    session: AsyncSession, step: QuoteRequestStep, request: QuoteRequest, values: dict[str, Any], reason: str | None
) -> int:
    """Moves the row; returns how many messages the step has staged."""
    told = values | {name: getattr(request, name) for name in BORN_WITH if step.version == 1}
    take_on(session, step, request, values)
    number = request.number or ""
    case = CaseOfTask(CaseKind.QUOTE_REQUEST, number, request.customer_id)
    taken = await take_tasks(session, step, case, step.tasks, reason)
    notices = [Notice(step.notice, request.requester_id, {"number": number})] if step.notice else []
    notices += taken.notices
    await finish(
        session,
        step,
        kind=CaseKind.QUOTE_REQUEST,
        model=QuoteRequest,
        values=values,
        changes=as_json(told) | taken.changes,
        reason=reason,
        notices=notices,
    )
    return len(notices)


async def _result(session: AsyncSession, request: QuoteRequest, *, deliveries: int) -> QuoteRequestStepResult:
    return QuoteRequestStepResult(
        version=request.version,
        deliveries=deliveries,
        request=QuoteRequestState(
            number=request.number or "",
            status=request.status,
            status_since=request.status_since or request.created_at,
        ),
        tasks=await pending_tasks(session, request.id),
    )
