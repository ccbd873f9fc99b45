"""The tasks of a case in the database: written with the step that opens or moves them, read back to go on from."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.case_steps import Notice, Step
from activities.recipients import people_with_role
from activities.service_levels import default_calendar
from domain.case import CaseKind
from domain.review import TITLES, Decision, ReviewStatus, Task
from domain.review_form import Form
from domain.review_schedule import TaskMoment, schedule
from models.review import Review, ReviewDecision

_FORM: TypeAdapter[Form] = TypeAdapter(Form)
_MOMENTS: TypeAdapter[tuple[TaskMoment, ...]] = TypeAdapter(tuple[TaskMoment, ...])

_MAILS = {"reminded": "task_reminder", "escalated": "task_escalated"}


class TaskDeed(StrEnum):
    """What a step does to a task."""

    OPENED = "opened"
    CLAIMED = "claimed"
    RELEASED = "released"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    CHANGED = "changed"
    DECIDED = "decided"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class TaskStep:
    """A part of a step: the task as it is afterwards. `decision_id` is the row of what a person decided."""

    deed: TaskDeed
    task: Task
    decision: Decision | None = None
    decision_id: UUID | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseOfTask:
    """What the inbox says of the case that a task belongs to."""

    kind: CaseKind
    number: str
    customer_id: UUID | None = None


@dataclass(frozen=True)
class TasksTaken:
    """What came of the tasks of a step: what the timeline shows, whom to tell, and when the last opened one is due."""

    changes: dict[str, Any]
    notices: list[Notice]
    due_at: datetime | None = None


async def take_tasks(
    session: AsyncSession, step: Step, case: CaseOfTask, tasks: tuple[TaskStep, ...], reason: str | None
) -> TasksTaken:
    """Writes the tasks of a step in the step's transaction. What a new one is due by is computed here, from the
    tenant's calendar; `reason` is the step's."""
    notices: list[Notice] = []
    due_at = None
    for part in tasks:
        if part.deed is TaskDeed.OPENED:
            due_at = await _open(session, step, case, part.task)
        else:
            await _move(session, step, part, reason)
        if part.decision_id:
            await _count_decision(session, step, part.decision_id)
        if template := _MAILS.get(part.deed):
            notices += await _notices(session, template, part.task, case)
    return TasksTaken({"tasks": [_told(part) for part in tasks]} if tasks else {}, notices, due_at)


async def pending_tasks(session: AsyncSession, case_id: UUID) -> tuple[Task, ...]:
    """What the case waits for, oldest first."""
    rows = await session.scalars(
        sa.select(Review)
        .where(col(Review.case_id) == case_id, col(Review.status) == ReviewStatus.PENDING)
        .order_by(col(Review.opened_at), col(Review.id))
    )
    return tuple(task_of(row) for row in rows)


def task_of(row: Review) -> Task:
    """The task that a row of the inbox stands for."""
    return Task(
        id=row.id,
        kind=row.kind,
        role=row.role,
        decisions=tuple(Decision(decision) for decision in row.decisions),
        approvals_needed=row.approvals_needed,
        approvals=tuple(UUID(account) for account in row.approvals),
        requested_by=row.requested_by,
        excluded=tuple(UUID(account) for account in row.excluded),
        permission=row.permission,
        form=form_of(row),
        status=row.status,
        assignee_id=row.assignee_id,
        opened_at=row.opened_at,
        due_at=row.due_at,
        moments=_MOMENTS.validate_python(row.moments),
        decision=row.decision,
        decided_by=row.decided_by,
    )


def form_of(row: Review) -> Form:
    """The form of a row of the inbox."""
    return _FORM.validate_python(row.form)


async def _open(session: AsyncSession, step: Step, case: CaseOfTask, task: Task) -> datetime:
    plan = schedule(task.terms, task.role, step.at, await default_calendar(session, step.tenant_id))
    opened = replace(task, opened_at=step.at, due_at=plan.due_at, moments=plan.moments)
    await session.execute(
        sa.insert(Review).values(
            id=task.id,
            tenant_id=step.tenant_id,
            case_kind=case.kind,
            case_id=step.case_id,
            case_number=case.number,
            customer_id=case.customer_id,
            kind=task.kind,
            title=f"{TITLES[task.kind]} {case.number}",
            requested_by=task.requested_by,
            permission=task.permission,
            decisions=list(task.decisions),
            form=_FORM.dump_python(task.form, mode="json"),
            opened_at=step.at,
            due_at=plan.due_at,
            created_at=step.at,
            **_values(opened),
        )
    )
    return plan.due_at


async def _move(session: AsyncSession, step: Step, part: TaskStep, reason: str | None) -> None:
    values = _values(part.task)
    if part.task.status is not ReviewStatus.PENDING:
        values |= {"settled_at": step.at, "reason": reason}
    await session.execute(
        sa.update(Review)
        .where(col(Review.tenant_id) == step.tenant_id, col(Review.id) == part.task.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _values(task: Task) -> dict[str, Any]:
    return {
        "status": task.status,
        "role": task.role,
        "assignee_id": task.assignee_id,
        "approvals_needed": task.approvals_needed,
        "approvals": [str(account) for account in task.approvals],
        "excluded": [str(account) for account in task.excluded],
        "moments": _MOMENTS.dump_python(task.moments, mode="json"),
        "decision": task.decision,
        "decided_by": task.decided_by,
    }


async def _count_decision(session: AsyncSession, step: Step, decision_id: UUID) -> None:
    await session.execute(
        sa.update(ReviewDecision)
        .where(col(ReviewDecision.tenant_id) == step.tenant_id, col(ReviewDecision.id) == decision_id)
        .values(taken_at=step.at)
        .execution_options(synchronize_session=False)
    )


async def _notices(session: AsyncSession, template: str, task: Task, case: CaseOfTask) -> list[Notice]:
    people = [task.assignee_id] if task.assignee_id else await people_with_role(session, task.role)
    context = {
        "number": case.number,
        "title": TITLES[task.kind],
        "due_at": task.due_at.isoformat() if task.due_at else "",
        "review_id": str(task.id),
    }
    return [Notice(template, account_id, context) for account_id in people]


def _told(part: TaskStep) -> dict[str, Any]:
    """What the timeline shows of a task; people's words stay with the task."""
    task = part.task
    told = {
        "id": str(task.id),
        "kind": task.kind,
        "deed": part.deed,
        "status": task.status,
        "role": task.role,
        "assignee_id": str(task.assignee_id) if task.assignee_id else None,
    }
    return told | ({"decision": part.decision} if part.decision else {})
