"""Finds what does not go on by itself, or not as fast as it should."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.story import numbers_of
from api.http.payloads import CaseOfStoryView
from api.waiting.schemas import Stuck, StuckView
from domain.cases import UNSENT, CaseKind, CommandStatus, DeliveryStatus, workflow_id
from domain.tasks.rules import TaskStatus
from models.cases import CommandRow, DeliveryRow
from models.failing import FailingActivity
from models.tasks import TaskRow
from stores.failing import failing_of

PENDING_FOR_LONG = timedelta(seconds=30)
MOST_OF_EACH = 50
"""Of each sort so many are shown: of messages the newest, of all else what is stuck longest."""


async def find_stuck(session: AsyncSession, tenant_id: UUID) -> list[StuckView]:
    """All of it, by what it is: commands, messages, tasks, activities."""
    now = datetime.now(UTC)
    commands = await session.scalars(
        sa.select(CommandRow)
        .where(
            col(CommandRow.tenant_id) == tenant_id,
            col(CommandRow.status) == CommandStatus.PENDING,
            col(CommandRow.created_at) < now - PENDING_FOR_LONG,
        )
        .order_by(col(CommandRow.created_at))
        .limit(MOST_OF_EACH)
    )
    put_off = col(DeliveryRow.status).in_(UNSENT) & col(DeliveryRow.error_code).is_not(None)
    messages = sa.select(DeliveryRow).where(col(DeliveryRow.tenant_id) == tenant_id)
    newest = col(DeliveryRow.created_at).desc()
    tried = await session.scalars(messages.where(put_off).order_by(newest).limit(MOST_OF_EACH))
    failed = await session.scalars(
        messages.where(col(DeliveryRow.status) == DeliveryStatus.FAILED).order_by(newest).limit(MOST_OF_EACH)
    )
    tasks = await session.scalars(
        sa.select(TaskRow)
        .where(
            col(TaskRow.tenant_id) == tenant_id,
            col(TaskRow.status) == TaskStatus.PENDING,
            col(TaskRow.due_at) < now,
        )
        .order_by(col(TaskRow.due_at), col(TaskRow.id))
        .limit(MOST_OF_EACH)
    )
    activities = await session.scalars(failing_of(tenant_id).limit(MOST_OF_EACH))
    found = [
        *(_command(row) for row in commands),
        *(_message(row) for row in (*tried, *failed)),
        *(_task(row) for row in tasks),
        *(_activity(row) for row in activities),
    ]
    unnumbered = [each.case for each in found if each.case and not each.case.number]
    numbers = await numbers_of(session, {(CaseKind(case.kind), case.id) for case in unnumbered})
    for case in unnumbered:
        case.number = numbers.get(case.id, "")
    return found


def _case(kind: CaseKind | None, case_id: UUID | None, number: str = "") -> CaseOfStoryView | None:
    return CaseOfStoryView(kind=kind, id=case_id, number=number) if kind and case_id else None


def _workflow(kind: CaseKind | None, case_id: UUID | None) -> str | None:
    return workflow_id(kind, case_id) if kind and case_id else None


def _command(row: CommandRow) -> StuckView:
    return StuckView(
        what=Stuck.COMMAND,
        id=row.id,
        kind=row.kind,
        since=row.created_at,
        tries=row.tries,
        code=row.fault,
        case=_case(row.case_kind, row.case_id),
        workflow_id=_workflow(row.case_kind, row.case_id),
    )


def _message(row: DeliveryRow) -> StuckView:
    of_account = None if row.case_kind else f"deliver/{row.step_id}"
    return StuckView(
        what=Stuck.DELIVERY,
        id=row.id,
        kind=row.template,
        since=row.created_at,
        due_at=row.due_at,
        tries=row.attempts,
        code=row.error_code,
        case=_case(row.case_kind, row.case_id),
        workflow_id=of_account or _workflow(row.case_kind, row.case_id),
    )


def _task(row: TaskRow) -> StuckView:
    return StuckView(
        what=Stuck.TASK,
        id=row.id,
        kind=row.kind,
        since=row.opened_at,
        due_at=row.due_at,
        case=_case(row.case_kind, row.case_id, row.case_number),
        workflow_id=_workflow(row.case_kind, row.case_id),
    )


def _activity(row: FailingActivity) -> StuckView:
    kind, _, case_id = row.workflow_id.partition("/")
    of_case = kind in set(CaseKind) and len(case_id) == len(str(row.tenant_id))
    return StuckView(
        what=Stuck.ACTIVITY,
        id=None,
        kind=row.activity,
        since=row.since,
        tries=row.attempts,
        code=row.fault,
        case=_case(CaseKind(kind), UUID(case_id)) if of_case else None,
        workflow_id=row.workflow_id,
    )
