"""What a quote's workflow does to the database: one activity that takes a step, one that reads the row back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.cases.numbers import next_number
from activities.cases.step import CaseRef, Notice, Step, StepResult, begin, finish, take_on
from activities.cases.values import as_json
from activities.quote_requests.step import tell_request
from activities.quotes.versions import open_next_version
from activities.tasks.step import CaseOfTask, TaskStep, take_tasks
from domain.cases import CaseKind
from domain.quotes.rules import QuoteStatus, validity_end
from domain.quotes.settings import QuoteSettings
from domain.tasks.rules import Task
from models.database import Database
from models.quotes import Quote, QuoteContent
from models.tenants import Tenant
from stores.people import people_of_customer
from stores.tasks import pending_tasks

NUMBER_DIGITS = 4
BORN_WITH = ("status", "customer_id", "author_id", "currency", "locale", "quote_version", "root_id", "request_id")
"""What the row brings from its content, and the first event must tell for the timeline to hold all of the state."""


@dataclass(frozen=True)
class QuoteNotice:
    """Which template goes to whom: `customer` or `author`."""

    template: str
    audience: str


@dataclass(frozen=True, kw_only=True)
class QuoteStep(Step):
    """A quote's step: `changes` are the decided columns by name, as JSON values. `next_quote_id` is the draft that it
    opens as the next version."""

    changes: dict[str, Any]
    next_quote_id: UUID | None = None
    notices: tuple[QuoteNotice, ...] = ()
    tasks: tuple[TaskStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QuoteState:
    """A quote as its workflow knows it. `total` is in minor units, with tax."""

    number: str = ""
    quote_version: int = 1
    status: QuoteStatus = QuoteStatus.DRAFT
    status_since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    content_id: UUID | None = None
    total: int = 0
    largest_discount_bp: int = 0
    author_id: UUID | None = None
    submitted_by: UUID | None = None
    sent_at: datetime | None = None
    valid_until: datetime | None = None
    reminded_at: datetime | None = None
    superseded_by_id: UUID | None = None
    deleted_at: datetime | None = None
    settings: QuoteSettings = field(default_factory=QuoteSettings)


@dataclass(frozen=True, kw_only=True)
class QuoteStepResult(StepResult):
    """The quote after a step, and what it asks people for."""

    quote: QuoteState
    tasks: tuple[Task, ...] = ()


class QuoteActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="quotes.take_step")
    async def take_step(self, step: QuoteStep) -> QuoteStepResult:
        """Makes a step durable in one transaction; a second attempt returns what the first one made."""
        async with self._database.transaction(step.tenant_id) as session:
            begun = await begin(session, step)
            quote, tenant = await _quote_of_tenant(session, step.case_id)
            if begun.done:
                return await _result(session, quote, tenant, deliveries=len(step.notices) + len(step.tasks))
            values = {name: _typed(name, value) for name, value in step.changes.items()}
            content = await session.get(QuoteContent, values.get("content_id", quote.content_id))
            if "content_id" in values and content:
                values["total"] = content.total
            if values.get("status", quote.status) is not quote.status or step.version == 1:
                values["status_since"] = step.at
            if values.get("status") is QuoteStatus.SENT and content:
                until = validity_end(step.at, content.valid_days, tenant.timezone)
                values |= {"sent_at": step.at, "valid_until": until}
            if step.version == 1:
                values["number"] = await next_number(session, tenant, "QT", step.at, NUMBER_DIGITS)
                await tell_request(session, step, quote)
            if step.next_quote_id:
                await open_next_version(session, step, quote, step.next_quote_id)
            staged = await _finish(session, step, quote, values, begun.reason)
            return await _result(session, quote, tenant, deliveries=staged)

    @activity.defn(name="quotes.load")
    async def load(self, ref: CaseRef) -> QuoteStepResult:
        """The quote as its row stands: where a new run begins after an earlier one has ended."""
        async with self._database.transaction(ref.tenant_id) as session:
            quote, tenant = await _quote_of_tenant(session, ref.case_id)
            return await _result(session, quote, tenant, deliveries=0)


async def _finish(
    session: AsyncSession, step: QuoteStep, quote: Quote, values: dict[str, Any], reason: str | None
) -> int:
    """Moves the row; returns how many messages the step has staged."""
    changed = {name: value for name, value in values.items() if value != getattr(quote, name)}
    told = changed | {name: getattr(quote, name) for name in BORN_WITH if step.version == 1}
    take_on(session, step, quote, changed)
    case = CaseOfTask(CaseKind.QUOTE, quote.number or "", quote.customer_id)
    taken = await take_tasks(session, step, case, step.tasks, reason)
    notices = await _notices(session, step, quote) + taken.notices
    await finish(
        session,
        step,
        kind=CaseKind.QUOTE,
        model=Quote,
        values=changed,
        changes=as_json(told) | taken.changes,
        reason=reason,
        notices=notices,
    )
    return len(notices)


async def _quote_of_tenant(session: AsyncSession, quote_id: UUID) -> tuple[Quote, Tenant]:
    found = sa.select(Quote, Tenant).join(Tenant, col(Tenant.id) == col(Quote.tenant_id))
    quote, tenant = (await session.execute(found.where(col(Quote.id) == quote_id))).one()
    return quote, tenant


async def _result(session: AsyncSession, quote: Quote, tenant: Tenant, *, deliveries: int) -> QuoteStepResult:
    content = await session.get(QuoteContent, quote.content_id) if quote.content_id else None
    return QuoteStepResult(
        version=quote.version,
        deliveries=deliveries,
        quote=QuoteState(
            number=quote.number or "",
            quote_version=quote.quote_version,
            status=quote.status,
            status_since=quote.status_since or quote.created_at,
            content_id=quote.content_id,
            total=quote.total or 0,
            largest_discount_bp=content.largest_discount_bp if content else 0,
            author_id=quote.author_id,
            submitted_by=quote.submitted_by,
            sent_at=quote.sent_at,
            valid_until=quote.valid_until,
            reminded_at=quote.reminded_at,
            superseded_by_id=quote.superseded_by_id,
            deleted_at=quote.deleted_at,
            settings=QuoteSettings.of(tenant.settings.get("quotes", {})),
        ),
        tasks=await pending_tasks(session, quote.id),
    )


async def _notices(session: AsyncSession, step: QuoteStep, quote: Quote) -> list[Notice]:
    context: dict[str, Any] = {"number": quote.number, "quote_version": quote.quote_version}
    if quote.sent_at and quote.valid_until:
        context |= {
            "sent_at": quote.sent_at.isoformat(),
            "valid_until_at": quote.valid_until.isoformat(),
            # For readers: midnight belongs to the day that begins, and this one is no longer valid then.
            "answer_by_at": (quote.valid_until - timedelta(seconds=1)).isoformat(),
        }
    notices: list[Notice] = []
    for notice in step.notices:
        if notice.audience == "author":
            notices.append(Notice(notice.template, quote.author_id, context))
        elif people := await people_of_customer(session, quote.customer_id):
            notices += [Notice(notice.template, account_id, context) for account_id in people]
        else:
            # Nobody speaks for the customer here: the quote goes to its own address, which needs no account.
            notices.append(Notice(notice.template, None, context, customer_id=quote.customer_id))
    return notices


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "status":
        return QuoteStatus(value)
    if name.endswith("_id") or name == "submitted_by":
        return UUID(str(value))
    if name.endswith("_at"):
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return value
