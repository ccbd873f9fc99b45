"""Writes the tasks of a case to the inbox, in the transaction of the step that opens or changes them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.cases.step import Notice, Step
from domain.cases import CaseKind
from domain.refusal import Refusal
from domain.tasks.deeds import TaskDeed, TaskStep
from domain.tasks.rules import Task, TaskStatus
from domain.tasks.schedule import schedule
from models.tasks import TaskDecision, TaskRow
from stores.people import belongs, people_with_role
from stores.tasks import FORM, MOMENTS
from stores.tickets.service_levels import default_calendar

_MAILS = {
    TaskDeed.OPENED: "task_opened",
    TaskDeed.REMINDED: "task_reminder",
    TaskDeed.ESCALATED: "task_escalated",
}


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
    session: AsyncSession, step: Step[Any], case: CaseOfTask, tasks: tuple[TaskStep, ...], reason: str | None
) -> TasksTaken:
    """Writes the tasks of a step in the step's transaction. What a new one is due by is computed here, from the
    tenant's calendar; `reason` is the step's.

    Raises Refusal, `claimant_unknown`, for a claim that somebody made before leaving: nobody else could decide.
    """
    notices: list[Notice] = []
    due_at = None
    for part in tasks:
        if part.deed is TaskDeed.CLAIMED and not (
            part.task.assignee_id and await belongs(session, part.task.assignee_id)
        ):
            raise Refusal("claimant_unknown", "This person is not there any more.")
        if part.deed is TaskDeed.OPENED:
            due_at = await _open(session, step, case, part.task)
            part = replace(part, task=replace(part.task, due_at=due_at))
        else:
            await _move(session, step, part, reason)
        if part.decision_id:
            await _count_decision(session, step, part.decision_id)
        if template := _MAILS.get(part.deed):
            notices += await _notices(session, template, part.task, case)
    return TasksTaken({"tasks": [_told(part) for part in tasks]} if tasks else {}, notices, due_at)


async def _open(session: AsyncSession, step: Step[Any], case: CaseOfTask, task: Task) -> datetime:
    plan = schedule(task.terms, task.role, step.at, await default_calendar(session, step.tenant_id))
    opened = replace(task, opened_at=step.at, due_at=plan.due_at, moments=plan.moments)
    await session.execute(
        sa.insert(TaskRow).values(
            id=task.id,
            tenant_id=step.tenant_id,
            case_kind=case.kind,
            case_id=step.case_id,
            case_number=case.number,
            customer_id=case.customer_id,
            kind=task.kind,
            about=task.about,
            title=f"{task.kind.words} {case.number}" + (f": {task.about}" if task.about else ""),
            requested_by=task.requested_by,
            permission=task.permission,
            decisions=list(task.decisions),
            form=FORM.dump_python(task.form, mode="json"),
            opened_at=step.at,
            created_at=step.at,
            **_values(opened),
        )
    )
    return plan.due_at


async def _move(session: AsyncSession, step: Step[Any], part: TaskStep, reason: str | None) -> None:
    values = _values(part.task)
    if part.task.status is not TaskStatus.PENDING:
        values |= {"settled_at": step.at, "reason": reason}
    await session.execute(
        sa.update(TaskRow)
        .where(col(TaskRow.tenant_id) == step.tenant_id, col(TaskRow.id) == part.task.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _values(task: Task) -> dict[str, Any]:
    return {
        "status": task.status,
        "role": task.role,
        "assignee_id": task.assignee_id,
        "due_at": task.due_at,
        "approvals_needed": task.approvals_needed,
        "approvals": [str(account) for account in task.approvals],
        "excluded": [str(account) for account in task.excluded],
        "moments": MOMENTS.dump_python(task.moments, mode="json"),
        "decision": task.decision,
        "decided_by": task.decided_by,
    }


async def _count_decision(session: AsyncSession, step: Step[Any], decision_id: UUID) -> None:
    await session.execute(
        sa.update(TaskDecision)
        .where(col(TaskDecision.tenant_id) == step.tenant_id, col(TaskDecision.id) == decision_id)
        .values(taken_at=step.at)
        .execution_options(synchronize_session=False)
    )


async def _notices(session: AsyncSession, template: str, task: Task, case: CaseOfTask) -> list[Notice]:
    people = [task.assignee_id] if task.assignee_id else await people_with_role(session, task.role)
    people = [account_id for account_id in people if account_id not in task.excluded]
    context = {
        "number": case.number,
        "task": task.kind,
        "title": task.kind.words,
        "due_at": task.due_at.isoformat() if task.due_at else "",
        "task_id": str(task.id),
    }
    return [Notice(template, account_id, context) for account_id in people]


def _told(part: TaskStep) -> dict[str, Any]:
    """What the timeline shows of a task. What people wrote stays with the task."""
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
