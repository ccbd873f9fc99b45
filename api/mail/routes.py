"""The messages that cases owe people: what has become of them, and sending one again."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page, page_of, sorts_by
from api.http.payloads import Page
from api.http.problems import conflict, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.schemas import DeliveryView, Progress, progress_of
from api.registry import KINDS
from domain.cases import CaseRef, DeliveryStatus, StepRef
from domain.people.permissions import Permission
from models.cases import DeliveryRow

router = Router(prefix="/deliveries", tags=["deliveries"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.DELIVERIES_READ))]
Retrier = Annotated[Caller, Depends(needs(Permission.DELIVERIES_RETRY))]

_REFUSALS = {
    Progress.SENT: ("delivery_sent", "This message has been sent."),
    Progress.SENDING: ("delivery_under_way", "This message is just being sent."),
    Progress.PENDING: ("delivery_under_way", "This message is about to be sent."),
}


def _of_cases(caller: Caller) -> sa.Select[DeliveryRow]:
    """Mail about an account is its owner's affair."""
    return sa.select(DeliveryRow).where(
        col(DeliveryRow.tenant_id) == caller.tenant_id, col(DeliveryRow.case_kind).is_not(None)
    )


@router.get("")
async def list_deliveries(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Progress | None = None,
    case_id: UUID | None = None,
    recipient_id: UUID | None = None,
    sort: Annotated[str, sorts_by("created_at")] = "-created_at",
) -> Page[DeliveryView]:
    """The messages of the tenant's cases, newest first."""
    query = _of_cases(caller)
    if status:
        query = query.where(_has_come_to(status))
    if case_id:
        query = query.where(col(DeliveryRow.case_id) == case_id)
    if recipient_id:
        query = query.where(col(DeliveryRow.recipient_id) == recipient_id)
    order = order_of(sort, {"created_at": DeliveryRow.created_at}, DeliveryRow.id)
    async with page_of(service.database, caller.tenant_id, paging) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[DeliveryView.of(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{delivery_id}")
async def get_delivery(delivery_id: UUID, caller: Reader, service: Service) -> DeliveryView:
    """One message, without its words."""
    async with service.database.glance(caller.tenant_id) as session:
        return DeliveryView.of(await _find(session, caller, delivery_id))


@router.post("/{delivery_id}/retry", response_model=DeliveryView)
async def retry_delivery(delivery_id: UUID, asked: AskingAnewDep, caller: Retrier) -> Response:
    """Sends a message now that has failed for good, or waits for its next attempt: the same one, so under the same
    Message-ID. 409 `delivery_sent` or `delivery_under_way` for any other."""
    wanted: DeliveryRow | None = None

    async def want(session: AsyncSession) -> UUID:
        nonlocal wanted
        row = await _find(session, caller, delivery_id, lock=True)
        progress = progress_of(row)
        if progress in _REFUSALS:
            raise conflict(*_REFUSALS[progress])
        detail = {"was": progress.value, "error_code": row.error_code}
        row.status, row.error_code = DeliveryStatus.PENDING, None
        await session.flush()
        await audit(session, caller, "delivery.retried", "delivery", delivery_id, detail)
        wanted = row
        return delivery_id

    async def read(session: AsyncSession, found: UUID) -> DeliveryView:
        return DeliveryView.of(await _find(session, caller, found))

    answer = await create_once(asked, caller, "delivery.retry", create=want, at=None, read=read, success=HTTPStatus.OK)
    if wanted is not None and wanted.case_kind and wanted.case_id:
        case, step = CaseRef(wanted.tenant_id, wanted.case_id), StepRef(wanted.tenant_id, wanted.step_id)
        asked.services.courier.send_again_soon(KINDS[wanted.case_kind], case, step)
    return answer


async def _find(session: AsyncSession, caller: Caller, delivery_id: UUID, *, lock: bool = False) -> DeliveryRow:
    query = _of_cases(caller).where(col(DeliveryRow.id) == delivery_id)
    row: DeliveryRow | None = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise not_found("delivery")
    return row


def _has_come_to(progress: Progress) -> sa.ColumnElement[bool]:
    sending = col(DeliveryRow.status) == DeliveryStatus.SENDING
    if progress is Progress.DEFERRED:
        return sending & col(DeliveryRow.error_code).is_not(None)
    if progress is Progress.SENDING:
        return sending & col(DeliveryRow.error_code).is_(None)
    return col(DeliveryRow.status) == DeliveryStatus(progress.value)
