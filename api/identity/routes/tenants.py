"""Tenants, for those who run the platform."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.audit.entries import audit, differences
from api.cases.commands import Asking, AskingAnewDep, create_once
from api.http.correlation import correlation_id
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page, ReasonBody
from api.http.problems import conflict, field_error, not_found
from api.http.public_paths import reserved_slugs
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.identity.grants import ADMIN_ROLE
from api.identity.invitations import invite
from api.identity.schemas.users import EditTenantBody, TenantBody, TenantView
from api.identity.tenants import make_tenant
from domain.cases import StepRef
from domain.people.permissions import Permission
from models.database import look_as
from models.tenants import Tenant
from stores.accounts import add_member
from stores.tenants import change_tenant, tenant_named

router = Router(prefix="/tenants", tags=["tenants"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TENANTS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.TENANTS_WRITE))]


@router.get("")
async def list_tenants(caller: Reader, service: Service, paging: PagingDep) -> Page[TenantView]:
    """Every tenant, by slug."""
    order = order_of("slug", {"slug": Tenant.slug}, Tenant.id)
    async with service.database.transaction(account_id=caller.account_id) as session:
        rows, cursor, total = await page(session, sa.select(Tenant), order, paging)
    return Page(items=[TenantView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=TenantView)
async def create_tenant(
    body: TenantBody, asked: AskingAnewDep, caller: Writer, reserved: Annotated[frozenset[str], Depends(reserved_slugs)]
) -> Response:
    """Makes a tenant with the roles that every one starts with, and its first administrator."""
    if body.slug in reserved:
        raise field_error("slug", "slug_reserved", "This word has a meaning of its own in public addresses.")
    mails: list[StepRef] = []

    async def create(session: AsyncSession) -> UUID:
        if await tenant_named(session, body.slug):
            raise conflict("slug_taken", "Another tenant has this slug.")
        settings = body.model_dump(include={"slug", "name", "locale", "timezone", "currency"})
        tenant = Tenant(id=uuid7(), **settings)
        roles = await make_tenant(session, tenant)
        if body.admin_email is None:
            await add_member(session, tenant.id, caller.account_id, [roles[ADMIN_ROLE]])
        else:
            name = body.admin_full_name or body.admin_email.partition("@")[0]
            _, mail = await invite(
                session,
                tenant.id,
                email=body.admin_email,
                full_name=name,
                role_ids=[roles[ADMIN_ROLE]],
                correlation_id=correlation_id(),
            )
            mails.append(mail)
        await audit(session, replace(caller, tenant_id=tenant.id), "tenant.created", "tenant", tenant.id, settings)
        await look_as(session, tenant_id=caller.tenant_id)
        await audit(session, caller, "tenant.created", "tenant", tenant.id, settings)
        return tenant.id

    async def read(session: AsyncSession, tenant_id: UUID) -> TenantView:
        return await _view(session, caller, tenant_id)

    answer = await create_once(asked, caller, "tenants.create", create=create, at="/tenants/{}", read=read)
    for mail in mails:
        asked.services.courier.send_soon(mail)
    return answer


@router.get("/{tenant_id}")
async def get_tenant(tenant_id: UUID, caller: Reader, service: Service) -> TenantView:
    """One tenant."""
    async with service.database.transaction() as session:
        return await _view(session, caller, tenant_id)


@router.patch("/{tenant_id}")
async def edit_tenant(tenant_id: UUID, body: EditTenantBody, caller: Writer, service: Service) -> TenantView:
    """Changes what a tenant is called, its language, zone and currency; its slug is in addresses and stays."""
    values = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    async with service.database.transaction() as session:
        return await _change(session, caller, tenant_id, "tenant.changed", values)


@router.post("/{tenant_id}/suspend", response_model=TenantView)
async def suspend_tenant(tenant_id: UUID, body: ReasonBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Lets nobody of a tenant in any more; what it has promised, and its links that were mailed, go on. 409
    `own_tenant` for one's own."""
    if tenant_id == caller.tenant_id:
        raise conflict("own_tenant", "You would not get in yourself any more.")
    values = {"suspended_at": datetime.now(UTC), "suspended_reason": body.reason}
    return await _command(asked, caller, tenant_id, "tenant.suspended", values)


@router.post("/{tenant_id}/activate", response_model=TenantView)
async def activate_tenant(tenant_id: UUID, asked: AskingAnewDep, caller: Writer) -> Response:
    """Lets a suspended tenant's people in again."""
    values = {"suspended_at": None, "suspended_reason": None}
    return await _command(asked, caller, tenant_id, "tenant.activated", values)


async def _command(asked: Asking, caller: Caller, tenant_id: UUID, event: str, values: dict[str, Any]) -> Response:
    async def change(session: AsyncSession) -> UUID:
        tenant = await _view(session, caller, tenant_id)
        if (tenant.suspended_at is None) == (values["suspended_at"] is None):
            raise conflict("nothing_changes", "The tenant is like this already.")
        await _change(session, caller, tenant_id, event, values)
        return tenant_id

    async def read(session: AsyncSession, found: UUID) -> TenantView:
        return await _view(session, caller, found)

    kind, success = event.replace("tenant.", "tenants."), HTTPStatus.OK
    return await create_once(asked, caller, kind, create=change, at=None, read=read, success=success)


async def _change(
    session: AsyncSession, caller: Caller, tenant_id: UUID, event: str, values: dict[str, Any]
) -> TenantView:
    """Writes to a tenant, and to its audit and the platform's."""
    before = (await _view(session, caller, tenant_id)).model_dump(include=set(values))
    await change_tenant(session, tenant_id, values)
    view = await _view(session, caller, tenant_id)
    changed = differences(before, view.model_dump(include=set(values)))
    for whose in dict.fromkeys((tenant_id, caller.tenant_id)) if changed else ():
        await look_as(session, tenant_id=whose)
        await audit(session, replace(caller, tenant_id=whose), event, "tenant", tenant_id, changed)
    return view


async def _view(session: AsyncSession, caller: Caller, tenant_id: UUID) -> TenantView:
    """A tenant as who keeps the platform sees it."""
    await look_as(session, account_id=caller.account_id)
    tenant = await session.get(Tenant, tenant_id, populate_existing=True)
    if tenant is None:
        raise not_found("tenant")
    return TenantView.model_validate(tenant)
