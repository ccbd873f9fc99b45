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
from models.database import look_as
from models.people import Membership
from stores.audit import record
from stores.tenants import TENANT_IDS, named


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
    """For each field that changed, its value before and after."""
    return {name: {"before": before[name], "after": after[name]} for name in before if before[name] != after[name]}


async def audit_login(service: Services, tenant_id: UUID, account_id: UUID) -> None:
    """Records that an account has logged in to a tenant."""
    async with service.database.transaction(tenant_id) as session:
        await audit_account(session, tenant_id, account_id, "login.succeeded")


async def audit_refused_login(
    session: AsyncSession, account_id: UUID | None, tenant_slug: str | None, code: str
) -> None:
    """Records a login that was refused, in the tenant that it named, else in the account's first one. The transaction,
    whose last statements these are, is the account's own, or nobody's. `code` says why, in a stable word.

    A login that names neither a known tenant nor an account belongs in nobody's audit. Its entry is written and rolled
    back all the same, so that the time of the answer does not tell whether an address has an account.
    """
    tenant_id, concerned = (await session.execute(_tenant_concerned(account_id, tenant_slug))).one()
    if tenant_id is None:
        return
    async with session.begin_nested() as entry:
        await look_as(session, tenant_id=tenant_id)
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
        if not concerned:
            await entry.rollback()


def _tenant_concerned(account_id: UUID | None, slug: str | None) -> sa.Select[UUID | None, bool]:
    """The tenant concerned, and True; when there is none, any tenant, and False."""
    first = (
        sa.select(col(Membership.tenant_id))
        .where(col(Membership.account_id) == sa.literal(account_id, sa.Uuid()))
        .order_by(col(Membership.created_at), col(Membership.id))
        .limit(1)
    )
    found = (sa.select(named(slug)) if slug is not None else first).scalar_subquery()
    any_tenant = sa.select(TENANT_IDS).limit(1).scalar_subquery()
    return sa.select(sa.func.coalesce(found, any_tenant), found.is_not(None))
