"""What the API writes into the audit: changes that a caller makes, and logins."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.correlation import client_address, correlation_id
from api.http.services import Services
from api.identity.callers import Caller
from models.people import Membership
from models.tenants import Tenant
from stores.audit import record


async def audit(
    session: AsyncSession,
    caller: Caller,
    action: str,
    entity_kind: str,
    entity_id: UUID,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Records in the caller's transaction what it does, as its last statement. `action` is `<what>.<done>`.

    `detail` names fields, ids, enums and settings, never what people wrote or are called.
    """
    await record(
        session,
        caller.tenant_id,
        caller.account_id,
        action,
        entity_kind=entity_kind,
        entity_id=entity_id,
        detail=detail,
        correlation_id=correlation_id(),
        address=client_address(),
    )


async def audit_account(
    session: AsyncSession, tenant_id: UUID, account_id: UUID, action: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Records in the caller's transaction, which works for the tenant, what an account did to itself."""
    await record(
        session,
        tenant_id,
        account_id,
        action,
        entity_kind="account",
        entity_id=account_id,
        detail=detail,
        correlation_id=correlation_id(),
        address=client_address(),
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Of each field that changed, what it was and what it is."""
    return {name: {"before": before[name], "after": after[name]} for name in before if before[name] != after[name]}


async def audit_login(service: Services, tenant_id: UUID, account_id: UUID) -> None:
    """Records that an account has logged in to a tenant."""
    async with service.database.transaction(tenant_id) as session:
        await audit_account(session, tenant_id, account_id, "login.succeeded")


async def audit_refused_login(service: Services, account_id: UUID | None, tenant_slug: str | None, code: str) -> None:
    """Records a login that was refused, in the tenant that it named, else in the account's first one.

    One that names neither a tenant nor an account belongs to nobody's audit. `code` says why, in a stable word.
    """
    async with service.database.transaction(account_id=account_id) as session:
        tenant_id = await session.scalar(_tenant_concerned(account_id, tenant_slug))
    if tenant_id is None:
        return
    async with service.database.transaction(tenant_id) as session:
        await record(
            session,
            tenant_id,
            account_id,
            "login.refused",
            entity_kind="account" if account_id else None,
            entity_id=account_id,
            detail={"code": code},
            correlation_id=correlation_id(),
            address=client_address(),
        )


def _tenant_concerned(account_id: UUID | None, slug: str | None) -> sa.Select[UUID]:
    if slug is not None:
        return sa.select(col(Tenant.id)).where(col(Tenant.slug) == slug)
    return (
        sa.select(col(Membership.tenant_id))
        .where(col(Membership.account_id) == account_id)
        .order_by(col(Membership.created_at), col(Membership.id))
        .limit(1)
    )
