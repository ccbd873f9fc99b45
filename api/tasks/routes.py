"""The inbox: whatever waits for a person, of whichever case, and the commands by which people take it up."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import Asking, AskingDep, ask
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import Page
from api.http.problems import Problem, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.registry import KINDS
from api.tasks.schemas import CaseView, DecisionBody, TaskView, is_overdue
from domain.people.permissions import Permission
from domain.tasks import rules
from domain.tasks.form import check_fields, json_schema, without_words
from domain.tasks.rules import NEEDS_REASON, Task, TaskKind, TaskStatus
from domain.tasks.schedule import SUPERVISORS
from models.cases import CommandRow
from models.tasks import TaskDecision, TaskRow
from stores.tasks import form_of, task_of

router = Router(prefix="/reviews", tags=["reviews"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.REVIEWS_READ))]
Decider = Annotated[Caller, Depends(needs(Permission.REVIEWS_DECIDE))]

Check = Callable[[Task], object]


@router.get("")
async def list_tasks(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[TaskStatus] | None, Query()] = None,
    kind: Annotated[list[TaskKind] | None, Query()] = None,
    mine: Annotated[
        bool | None, Query(description="What you have claimed, and what waits unclaimed for a role of yours")
    ] = None,
    role: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z0-9_-]*$")] = None,
    overdue: bool | None = None,
    case_id: UUID | None = None,
    sort: Annotated[str, sorts_by("due_at", "opened_at")] = "due_at",
) -> Page[TaskView]:
    """What waits, or has waited, for the tenant's people: what is due first comes first unless sorted otherwise."""
    query = sa.select(TaskRow).where(col(TaskRow.tenant_id) == caller.tenant_id)
    if status:
        query = query.where(col(TaskRow.status).in_(status))
    if kind:
        query = query.where(col(TaskRow.kind).in_(kind))
    if role:
        query = query.where(col(TaskRow.role) == role)
    if case_id:
        query = query.where(col(TaskRow.case_id) == case_id)
    if mine is not None:
        hands = col(TaskRow.assignee_id)
        is_mine = sa.func.coalesce(hands == caller.account_id, col(TaskRow.role).in_(caller.roles))
        query = query.where(is_mine if mine else sa.not_(is_mine))
    if overdue is not None:
        late = (col(TaskRow.status) == TaskStatus.PENDING) & (col(TaskRow.due_at) < datetime.now(UTC))
        query = query.where(late if overdue else sa.not_(late))
    order = order_of(sort, {"due_at": TaskRow.due_at, "opened_at": TaskRow.opened_at}, TaskRow.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[_view(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{task_id}")
async def get_task(task_id: UUID, caller: Reader, service: Service) -> TaskView:
    """One task."""
    async with service.database.transaction(caller.tenant_id) as session:
        return _view(await _find(session, caller, task_id))


@router.post("/{task_id}/claim", response_model=TaskView)
async def claim_task(task_id: UUID, asked: AskingDep, caller: Decider) -> Response:
    """Takes a task into your hands; nobody else decides it until you release it."""
    task = await _to_decide(asked, caller, task_id)
    return await _command(
        asked, caller, task, "claim_task", {}, check=lambda task: rules.claim(task, caller.account_id)
    )


@router.post("/{task_id}/release", response_model=TaskView)
async def release_task(task_id: UUID, asked: AskingDep, caller: Decider) -> Response:
    """Gives a task back to its role: one of yours, or, for managers, anybody's."""
    task = await _to_decide(asked, caller, task_id)
    holder = task.assignee_id if caller.roles & SUPERVISORS else None
    return await _command(
        asked,
        caller,
        task,
        "release_task",
        {"on_behalf_of": holder},
        check=lambda task: rules.release(task, caller.account_id, on_behalf_of=holder),
    )


@router.post("/{task_id}/decision", response_model=TaskView)
async def decide_task(task_id: UUID, body: DecisionBody, asked: AskingDep, caller: Decider) -> Response:
    """Decides a task. One that needs two people's approval stays pending after the first."""
    task = await _to_decide(asked, caller, task_id)
    form, decision_id = form_of(task), uuid7()
    fields, reasoned = without_words(form, body.fields), body.reason is not None

    def check(task: Task) -> None:
        rules.decide(task, caller.account_id, body.decision, reasoned=reasoned, fields=fields)
        check_fields(form, body.decision, body.fields, with_words=True)

    async def keep(session: AsyncSession) -> None:
        decision = body.model_dump(mode="python")
        session.add(
            TaskDecision(
                id=decision_id,
                tenant_id=caller.tenant_id,
                task_id=task_id,
                account_id=caller.account_id,
                **decision,
            )
        )

    arguments = {"decision_id": decision_id, "decision": body.decision, "reasoned": reasoned, "fields": fields}
    return await _command(asked, caller, task, "decide_task", arguments, check=check, keep=keep, reason=body.reason)


async def _command(
    asked: Asking,
    caller: Caller,
    task: TaskRow,
    update: str,
    arguments: dict[str, Any],
    *,
    check: Check,
    keep: Callable[[AsyncSession], Any] | None = None,
    reason: str | None = None,
) -> Response:
    async def content(session: AsyncSession) -> None:
        check(task_of(await _find(session, caller, task.id)))
        if keep:
            await keep(session)

    async def read(session: AsyncSession, command: CommandRow) -> TaskView:
        return _view(await _find(session, caller, UUID(command.arguments["task_id"])))

    cases = KINDS[task.case_kind].cases
    arguments = {"task_id": task.id, **arguments}
    return await ask(asked, caller, cases, task.case_id, update, arguments, reason=reason, content=content, read=read)


async def _find(session: AsyncSession, caller: Caller, task_id: UUID) -> TaskRow:
    task = await session.get(TaskRow, task_id)
    if task is None or task.tenant_id != caller.tenant_id:
        raise not_found("task")
    return task


async def _to_decide(asked: Asking, caller: Caller, task_id: UUID) -> TaskRow:
    """The task, for somebody who may act on it. Raises 404, 403."""
    async with asked.services.database.transaction(caller.tenant_id) as session:
        task = await _find(session, caller, task_id)
    if task.permission and task.permission not in caller.permissions:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "forbidden",
            f"This needs the permission {task.permission}.",
            permission=Permission(task.permission),
        )
    return task


def _view(task: TaskRow) -> TaskView:
    return TaskView(
        id=task.id,
        kind=task.kind,
        status=task.status,
        case=CaseView(kind=task.case_kind, id=task.case_id, number=task.case_number),
        title=task.title,
        about=task.about,
        role=task.role,
        assignee_id=task.assignee_id,
        due_at=task.due_at,
        overdue=is_overdue(task.status, task.due_at),
        requested_by=task.requested_by,
        approvals=[UUID(account) for account in task.approvals],
        approvals_needed=task.approvals_needed,
        excluded=[UUID(account) for account in task.excluded],
        opened_at=task.opened_at,
        decided_at=task.settled_at if task.status is TaskStatus.DONE else None,
        decided_by=task.decided_by,
        decision=task.decision,
        reason=task.reason,
        form=json_schema(form_of(task), task.decisions, NEEDS_REASON),
    )
