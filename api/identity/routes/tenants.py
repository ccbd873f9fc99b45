"""Tenants, for those who run the platform."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.correlation import correlation_id
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.public_paths import reserved_slugs
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.identity.grants import ADMIN_ROLE
from api.identity.invitations import invite
from api.identity.schemas.users import TenantBody, TenantView
from api.identity.tenants import add_member, make_tenant
from domain.cases import StepRef
from domain.people.permissions import Permission
from models.database import look_as
from models.tenants import Tenant
from stores.tenants import tenant_named

router = APIRouter(prefix="/tenants", tags=["tenants"])

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


async def _view(session: AsyncSession, caller: Caller, tenant_id: UUID) -> TenantView:
    """A tenant as who keeps the platform sees it."""
    await look_as(session, account_id=caller.account_id)
    tenant = await session.get(Tenant, tenant_id)
    if tenant is None:
        raise not_found("tenant")
    return TenantView.model_validate(tenant)
