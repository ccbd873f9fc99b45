"""The tasks of a case as they are stored in the inbox."""

from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.tasks.form import Form
from domain.tasks.rules import Decision, Task, TaskStatus
from domain.tasks.schedule import TaskMoment
from models.tasks import TaskRow

FORM: TypeAdapter[Form] = TypeAdapter(Form)


MOMENTS: TypeAdapter[tuple[TaskMoment, ...]] = TypeAdapter(tuple[TaskMoment, ...])


async def pending_tasks(session: AsyncSession, case_id: UUID) -> tuple[Task, ...]:
    """The pending tasks of a case, oldest first."""
    rows = await session.scalars(
        sa.select(TaskRow)
        .where(col(TaskRow.case_id) == case_id, col(TaskRow.status) == TaskStatus.PENDING)
        .order_by(col(TaskRow.opened_at), col(TaskRow.id))
    )
    return tuple(task_of(row) for row in rows)


def task_of(row: TaskRow) -> Task:
    """The task that a row of the inbox stands for."""
    return Task(
        id=row.id,
        kind=row.kind,
        role=row.role,
        about=row.about,
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
        moments=MOMENTS.validate_python(row.moments),
        decision=row.decision,
        decided_by=row.decided_by,
    )


def form_of(row: TaskRow) -> Form:
    """The form of a row of the inbox."""
    return FORM.validate_python(row.form)
