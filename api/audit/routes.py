"""Reading the audit: all of a tenant's, or what one has done oneself."""

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import StringConstraints
from sqlmodel import col

from api.audit.schemas import AuditChainView, AuditView, BrokenLinkView
from api.http.paging import Paging, PagingDep, order_of, page, sorts_by
from api.http.payloads import Page, UtcTime
from api.http.problems import field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.audit import AuditRow
from stores.audit import verify

router = Router(prefix="/audit", tags=["audit"])

Service = Annotated[Services, Depends(services)]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Sort = Annotated[str, sorts_by("sequence")]


@router.get("")
async def list_audit(
    caller: Annotated[Caller, Depends(needs(Permission.AUDIT_READ))],
    service: Service,
    paging: PagingDep,
    actor_id: UUID | None = None,
    action: Annotated[Word | None, Query(description="As `calendar.replaced`; `calendar.` for all of these.")] = None,
    entity: Annotated[Word | None, Query(description="`calendar`, or `calendar/<id>` for one.")] = None,
    since: Annotated[UtcTime | None, Query(alias="from")] = None,
    until: Annotated[UtcTime | None, Query(alias="to", description="Exclusive.")] = None,
    sort: Sort = "-sequence",
) -> Page[AuditView]:
    """The tenant's audit, newest first."""
    query = sa.select(AuditRow).where(col(AuditRow.tenant_id) == caller.tenant_id)
    if actor_id:
        query = query.where(col(AuditRow.actor_id) == actor_id)
    if action:
        fits = col(AuditRow.action).startswith(action, autoescape=True)
        query = query.where(fits if action.endswith(".") else col(AuditRow.action) == action)
    if entity:
        query = _of_entity(query, entity)
    if since:
        query = query.where(col(AuditRow.created_at) >= since)
    if until:
        query = query.where(col(AuditRow.created_at) < until)
    return await _page(service, caller, query, sort, paging)


@router.get("/me")
async def list_own_audit(
    caller: Annotated[Caller, Depends(needs(Permission.AUDIT_READ_OWN))],
    service: Service,
    paging: PagingDep,
    sort: Sort = "-sequence",
) -> Page[AuditView]:
    """What the caller has done in this tenant, logins and refusals too, newest first."""
    query = sa.select(AuditRow).where(
        col(AuditRow.tenant_id) == caller.tenant_id, col(AuditRow.actor_id) == caller.account_id
    )
    return await _page(service, caller, query, sort, paging)


@router.get("/chain")
async def check_audit_chain(
    caller: Annotated[Caller, Depends(needs(Permission.AUDIT_READ))], service: Service
) -> AuditChainView:
    """Reads the tenant's chain through from its first entry, and says whether it is as it was written."""
    async with service.database.transaction(caller.tenant_id) as session:
        verdict = await verify(session)
    broken = BrokenLinkView.model_validate(verdict.broken) if verdict.broken else None
    return AuditChainView(count=verdict.count, hash=verdict.hash, broken=broken)


async def _page(service: Services, caller: Caller, query: sa.Select[Any], sort: str, paging: Paging) -> Page[AuditView]:
    order = order_of(sort, {"sequence": AuditRow.sequence}, AuditRow.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[AuditView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


def _of_entity(query: sa.Select[Any], entity: str) -> sa.Select[Any]:
    kind, slash, identity = entity.partition("/")
    query = query.where(col(AuditRow.entity_kind) == kind)
    if not slash:
        return query
    try:
        return query.where(col(AuditRow.entity_id) == UUID(identity))
    except ValueError:
        raise field_error("entity", "invalid", "Name a kind, or a kind and an id: `calendar/<id>`.") from None
