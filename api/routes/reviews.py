"""The inbox: whatever waits for a person, of whichever case, and the commands by which people take it up."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.reviews import form_of, task_of
from api.callers import Caller, needs
from api.command_path import Ask, Asking, AskingDep, carry
from api.paging import PagingDep, order_of, page
from api.problems import Problem, not_found
from api.schemas.base import Page
from api.schemas.reviews import CaseView, DecisionBody, ReviewView, is_overdue
from api.services import Services, services
from domain import review as rules
from domain.permissions import Permission
from domain.review import NEEDS_REASON, ReviewKind, ReviewStatus, Task
from domain.review_form import check_fields, json_schema, without_words
from domain.review_schedule import SUPERVISORS
from models.case import CommandRow
from models.review import Review, ReviewDecision

router = APIRouter(prefix="/reviews", tags=["reviews"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.REVIEWS_READ))]
Decider = Annotated[Caller, Depends(needs(Permission.REVIEWS_DECIDE))]

Check = Callable[[Task], object]


@router.get("")
async def list_reviews(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[ReviewStatus] | None, Query()] = None,
    kind: Annotated[list[ReviewKind] | None, Query()] = None,
    mine: Annotated[
        bool | None, Query(description="What you have claimed, and what waits unclaimed for a role of yours")
    ] = None,
    role: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z0-9_-]*$")] = None,
    overdue: bool | None = None,
    sort: Annotated[str, Query(max_length=40)] = "due_at",
) -> Page[ReviewView]:
    """What waits, or has waited, for the tenant's people: what is due first comes first unless sorted otherwise."""
    query = sa.select(Review).where(col(Review.tenant_id) == caller.tenant_id)
    if status:
        query = query.where(col(Review.status).in_(status))
    if kind:
        query = query.where(col(Review.kind).in_(kind))
    if role:
        query = query.where(col(Review.role) == role)
    if mine is not None:
        hands = col(Review.assignee_id)
        is_mine = sa.func.coalesce(hands == caller.account_id, col(Review.role).in_(caller.roles))
        query = query.where(is_mine if mine else sa.not_(is_mine))
    if overdue is not None:
        late = (col(Review.status) == ReviewStatus.PENDING) & (col(Review.due_at) < datetime.now(UTC))
        query = query.where(late if overdue else sa.not_(late))
    order = order_of(sort, {"due_at": Review.due_at, "opened_at": Review.opened_at}, Review.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[_view(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{review_id}")
async def get_review(review_id: UUID, caller: Reader, service: Service) -> ReviewView:
    """One task."""
    async with service.database.transaction(caller.tenant_id) as session:
        return _view(await _find(session, caller, review_id))


@router.post("/{review_id}/claim", response_model=ReviewView)
async def claim_review(review_id: UUID, asked: AskingDep, caller: Decider) -> Response:
    """Takes a task into your hands; nobody else decides it until you release it."""
    review = await _to_decide(asked, caller, review_id)
    return await _command(
        asked, caller, review, "claim_task", {}, check=lambda task: rules.claim(task, caller.account_id)
    )


@router.post("/{review_id}/release", response_model=ReviewView)
async def release_review(review_id: UUID, asked: AskingDep, caller: Decider) -> Response:
    """Gives a task back to its role: one of yours, or, for managers, anybody's."""
    review = await _to_decide(asked, caller, review_id)
    holder = review.assignee_id if caller.roles & SUPERVISORS else None
    return await _command(
        asked,
        caller,
        review,
        "release_task",
        {"on_behalf_of": holder},
        check=lambda task: rules.release(task, caller.account_id, on_behalf_of=holder),
    )


@router.post("/{review_id}/decision", response_model=ReviewView)
async def decide_review(review_id: UUID, body: DecisionBody, asked: AskingDep, caller: Decider) -> Response:
    """Decides a task. One that needs two people's approval stays pending after the first."""
    review = await _to_decide(asked, caller, review_id)
    form, decision_id = form_of(review), uuid7()
    fields, reasoned = without_words(form, body.fields), body.reason is not None

    def check(task: Task) -> None:
        rules.decide(task, caller.account_id, body.decision, reasoned=reasoned, fields=fields)
        check_fields(form, body.decision, body.fields, with_words=True)

    async def keep(session: AsyncSession) -> None:
        decision = body.model_dump(mode="python")
        session.add(
            ReviewDecision(
                id=decision_id,
                tenant_id=caller.tenant_id,
                review_id=review_id,
                account_id=caller.account_id,
                **decision,
            )
        )

    arguments = {"decision_id": decision_id, "decision": body.decision, "reasoned": reasoned, "fields": fields}
    return await _command(asked, caller, review, "decide_task", arguments, check=check, keep=keep, reason=body.reason)


async def _command(
    asked: Asking,
    caller: Caller,
    review: Review,
    update: str,
    arguments: dict[str, Any],
    *,
    check: Check,
    keep: Callable[[AsyncSession], Any] | None = None,
    reason: str | None = None,
) -> Response:
    async def content(session: AsyncSession) -> None:
        check(task_of(await _find(session, caller, review.id)))
        if keep:
            await keep(session)

    async def read(session: AsyncSession, command: CommandRow) -> ReviewView:
        return _view(await _find(session, caller, UUID(command.arguments["review_id"])))

    ask = Ask(
        f"{review.case_kind}.{update}",
        review.case_kind,
        review.case_id,
        {"review_id": review.id, **arguments},
        reason,
    )
    return await carry(asked, caller, ask, content=content, read=read)


async def _find(session: AsyncSession, caller: Caller, review_id: UUID) -> Review:
    review = await session.get(Review, review_id)
    if review is None or review.tenant_id != caller.tenant_id:
        raise not_found("review")
    return review


async def _to_decide(asked: Asking, caller: Caller, review_id: UUID) -> Review:
    """The task, for somebody who may act on it. Raises 404, 403."""
    async with asked.services.database.transaction(caller.tenant_id) as session:
        review = await _find(session, caller, review_id)
    if review.permission and review.permission not in caller.permissions:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "forbidden",
            f"This needs the permission {review.permission}.",
            permission=Permission(review.permission),
        )
    return review


def _view(review: Review) -> ReviewView:
    return ReviewView(
        id=review.id,
        kind=review.kind,
        status=review.status,
        case=CaseView(kind=review.case_kind, id=review.case_id, number=review.case_number),
        title=review.title,
        role=review.role,
        assignee_id=review.assignee_id,
        due_at=review.due_at,
        overdue=is_overdue(review.status, review.due_at),
        requested_by=review.requested_by,
        approvals=[UUID(account) for account in review.approvals],
        approvals_needed=review.approvals_needed,
        opened_at=review.opened_at,
        decided_at=review.settled_at if review.status is ReviewStatus.DONE else None,
        decided_by=review.decided_by,
        decision=review.decision,
        reason=review.reason,
        form=json_schema(form_of(review), review.decisions, NEEDS_REASON),
    )
