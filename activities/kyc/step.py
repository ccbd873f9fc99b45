"""What the workflow of an identity check does to the database: one activity takes a step, one reads the rows back."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.cases.numbers import next_number
from activities.cases.step import CaseRef, Notice, Step, StepResult, begin, finish, take_on
from activities.cases.values import as_json
from activities.kyc.customers import move_customer
from activities.kyc.documents import audit_documents, take_documents
from activities.tasks.step import CaseOfTask, TaskDeed, TaskStep, take_tasks
from domain.cases import CaseKind
from domain.customers.states import CustomerKind, CustomerStatus, KycStatus
from domain.kyc.rules import Document, Risk
from domain.kyc.settings import KycSettings
from domain.tasks.rules import Task, TaskKind
from models.cases import DeliveryRow
from models.database import Database
from models.kyc import KycCase
from models.people import Customer
from models.tenants import Tenant
from stores.kyc import documents_of
from stores.people import people_of_customer
from stores.tasks import pending_tasks

NUMBER_DIGITS = 5
BORN_WITH = ("status", "risk", "risk_by_hand", "suspended_customer")
"""What the row has from the start, and the first event must tell for the timeline to hold all of the state."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class KycStep(Step):
    """A step of an identity check: `changes` are the decided columns by name, as JSON values.

    `documents` and `tasks` are as they are afterwards; `notices` are templates of mails to the customer's people, about
    the documents that `tells_of` names. `change_id` picks what was proposed for a document in words.
    """

    changes: dict[str, Any]
    documents: tuple[Document, ...] = ()
    tasks: tuple[TaskStep, ...] = ()
    notices: tuple[str, ...] = ()
    tells_of: tuple[UUID, ...] = ()
    change_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class KycState:
    """An identity check as its workflow knows it."""

    number: str = ""
    status: KycStatus = KycStatus.COLLECTING
    status_since: datetime = _EPOCH
    customer_kind: CustomerKind = CustomerKind.INDIVIDUAL
    risk: Risk = Risk.NORMAL
    risk_by_hand: bool = False
    expected_volume: int | None = None
    submitted_by: UUID | None = None
    due_at: datetime | None = None
    reminded_until: datetime | None = None
    expired_since: datetime | None = None
    grace_ended_at: datetime | None = None
    documents: tuple[Document, ...] = ()
    settings: KycSettings = field(default_factory=KycSettings)


@dataclass(frozen=True, kw_only=True)
class KycStepResult(StepResult):
    """The identity check after a step, and what it waits for."""

    kyc: KycState
    tasks: tuple[Task, ...] = ()


@dataclass
class _Rows:
    case: KycCase
    customer: Customer
    tenant: Tenant


class KycActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="kyc.take_step")
    async def take_step(self, step: KycStep) -> KycStepResult:
        """Makes a step durable in one transaction; a second attempt returns what the first one made."""
        async with self._database.transaction(step.tenant_id) as session:
            begun = await begin(session, step)
            rows = await _rows(session, step.case_id)
            if begun.done:
                return await _result(session, rows, deliveries=await _staged(session, step))
            values = {name: _typed(name, value) for name, value in step.changes.items()}
            if step.version == 1:
                values["number"] = await next_number(session, rows.tenant, "KYC", step.at, NUMBER_DIGITS)
            if "status" in values or step.version == 1:
                values["status_since"] = step.at
            documents = await take_documents(session, step, step.documents, step.tasks, step.change_id)
            case = CaseOfTask(CaseKind.KYC, values.get("number") or rows.case.number or "", rows.customer.id)
            tasks = await _with_own_people(session, rows.customer.id, step.tasks)
            taken = await take_tasks(session, step, case, tasks, begun.reason)
            if taken.due_at is not None and values.get("status") is KycStatus.UNDER_REVIEW:
                values["due_at"] = taken.due_at
            first = rows.case.status if step.version == 1 else None
            moved = await move_customer(session, step, rows.case, rows.customer, values.get("status") or first)
            notices = await _notices(session, step, rows, case.number, values, begun.reason)
            if step.kind == "grace_ended" and not moved.suspended:
                notices = []
            values |= moved.values
            changed = _changed(rows.case, step, values)
            take_on(session, step, rows.case, changed)
            await finish(
                session,
                step,
                kind=CaseKind.KYC,
                model=KycCase,
                values=changed,
                changes=as_json(changed) | documents | taken.changes,
                reason=begun.reason,
                notices=notices + taken.notices,
            )
            result = await _result(session, rows, deliveries=len(notices) + len(taken.notices))
            await audit_documents(session, step, step.documents)
            await moved.record(session, step)
            return result

    @activity.defn(name="kyc.load")
    async def load(self, ref: CaseRef) -> KycStepResult:
        """The identity check as its rows stand: where every run begins that carries nothing."""
        async with self._database.transaction(ref.tenant_id) as session:
            return await _result(session, await _rows(session, ref.case_id), deliveries=0)


async def _rows(session: AsyncSession, customer_id: UUID) -> _Rows:
    found = (
        sa.select(KycCase, Customer, Tenant)
        .join(Customer, col(Customer.id) == col(KycCase.id))
        .join(Tenant, col(Tenant.id) == col(KycCase.tenant_id))
        .where(col(KycCase.id) == customer_id)
    )
    case, customer, tenant = (await session.execute(found)).one()
    return _Rows(case, customer, tenant)


async def _result(session: AsyncSession, rows: _Rows, *, deliveries: int) -> KycStepResult:
    case = rows.case
    return KycStepResult(
        version=case.version,
        deliveries=deliveries,
        kyc=KycState(
            number=case.number or "",
            status=case.status,
            status_since=case.status_since or case.created_at,
            customer_kind=rows.customer.kind,
            risk=case.risk,
            risk_by_hand=case.risk_by_hand,
            expected_volume=case.expected_volume,
            submitted_by=case.submitted_by,
            due_at=case.due_at,
            reminded_until=case.reminded_until,
            expired_since=case.expired_since,
            grace_ended_at=case.grace_ended_at,
            documents=await documents_of(session, case.id),
            settings=KycSettings.of(rows.tenant.settings.get("kyc", {})),
        ),
        tasks=await pending_tasks(session, case.id),
    )


async def _staged(session: AsyncSession, step: Step) -> int:
    """How many messages the first attempt at a step has staged."""
    staged = sa.select(sa.func.count()).where(
        col(DeliveryRow.tenant_id) == step.tenant_id, col(DeliveryRow.step_id) == step.id
    )
    return await session.scalar(staged) or 0


async def _with_own_people(
    session: AsyncSession, customer_id: UUID, tasks: tuple[TaskStep, ...]
) -> tuple[TaskStep, ...]:
    """Reviews as they are opened: whoever speaks for the customer must not approve."""
    own = await people_of_customer(session, customer_id) if tasks else []
    return tuple(
        replace(part, task=replace(part.task, excluded=tuple(dict.fromkeys([*part.task.excluded, *own]))))
        if part.deed is TaskDeed.OPENED and part.task.kind is TaskKind.KYC_REVIEW
        else part
        for part in tasks
    )


async def _notices(
    session: AsyncSession, step: KycStep, rows: _Rows, number: str, values: dict[str, Any], reason: str | None
) -> list[Notice]:
    if not step.notices or rows.customer.status is CustomerStatus.INACTIVE:
        return []
    told = [document for document in await documents_of(session, step.case_id) if document.id in step.tells_of]
    context: dict[str, Any] = {
        "number": number,
        "reason": reason or "",
        "documents": [document.type for document in told],
    }
    if last_day := min((document.expires_on for document in told if document.expires_on), default=None):
        context["last_day"] = last_day.isoformat()
    if due_at := values.get("due_at", rows.case.due_at):
        context["due_at"] = due_at.isoformat()
    people = await people_of_customer(session, rows.customer.id)
    return [Notice(template, account_id, context) for template in step.notices for account_id in people]


def _changed(case: KycCase, step: KycStep, values: dict[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in values.items() if value != getattr(case, name)}
    if step.version == 1:
        changed |= {name: values.get(name, getattr(case, name)) for name in BORN_WITH}
    return changed


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    match name:
        case "status":
            return KycStatus(value)
        case "risk":
            return Risk(value)
        case "submitted_by":
            return UUID(str(value))
        case "due_at" | "reminded_until" | "expired_since" | "grace_ended_at":
            return datetime.fromisoformat(value) if isinstance(value, str) else value
        case _:
            return value
