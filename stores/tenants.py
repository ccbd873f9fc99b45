"""The tenants by their ids, all that somebody who works for none of them can learn; and what the platform says of
them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

TENANT_IDS = sa.func.tenant_ids(type_=sa.Uuid).column_valued("tenant_id")
"""Every tenant's id as a column to select, the oldest first."""


async def tenant_ids(session: AsyncSession) -> list[UUID]:
    """Every tenant's id, the oldest first: for what works for each of them in turn."""
    return list(await session.scalars(sa.select(TENANT_IDS)))


async def tenants_with_commands(session: AsyncSession, *, created_before: datetime) -> list[UUID]:
    """Whose commands are pending since before that moment."""
    return await _ids_of(session, sa.func.tenants_with_commands(created_before, type_=sa.Uuid))


async def tenants_with_account_mail(session: AsyncSession, *, created_before: datetime) -> list[UUID]:
    """Whose mail about accounts is unsent since before that moment."""
    return await _ids_of(session, sa.func.tenants_with_account_mail(created_before, type_=sa.Uuid))


async def tenants_with_neglected_mail(
    session: AsyncSession, *, heard_before: datetime, kept_before: datetime
) -> list[UUID]:
    """Who may have a mailbox that nobody looks after: none was heard of since the first moment or since it was changed;
    or mails that are kept and unread since before the second."""
    return await _ids_of(session, sa.func.tenants_with_neglected_mail(heard_before, kept_before, type_=sa.Uuid))


async def tenants_with_mailboxes(session: AsyncSession) -> list[UUID]:
    """Who has mailboxes."""
    return await _ids_of(session, sa.func.tenants_with_mailboxes(type_=sa.Uuid))


async def tenants_with_failures(session: AsyncSession) -> list[UUID]:
    """Of whom an activity fails, or did when it was heard of last."""
    return await _ids_of(session, sa.func.tenants_with_failures(type_=sa.Uuid))


async def tenants_with_files_to_sweep(
    session: AsyncSession, *, unfinished_before: datetime, unused_before: datetime
) -> list[UUID]:
    """Who has files that are to be scanned or removed: uploads that began before the first moment and have not ended,
    and files that were there before the second and are still used by nobody, among them."""
    found = sa.func.tenants_with_files_to_sweep(unfinished_before, unused_before, type_=sa.Uuid)
    return await _ids_of(session, found)


async def _ids_of(session: AsyncSession, found: sa.Function[UUID]) -> list[UUID]:
    return list(await session.scalars(sa.select(found.column_valued("tenant_id"))))


async def tenant_named(session: AsyncSession, slug: str) -> UUID | None:
    """The id of the tenant with this slug."""
    found: UUID | None = await session.scalar(sa.select(named(slug)))
    return found


def named(slug: str) -> sa.ColumnElement[UUID | None]:
    """The id of the tenant with this slug, null when there is none, as a part of a query."""
    return sa.func.tenant_named(slug, type_=sa.Uuid)


async def change_tenant(session: AsyncSession, tenant_id: UUID, values: Mapping[str, Any]) -> None:
    """Changes what only who keeps the platform may say of a tenant; the transaction works for that account. Raises
    PermissionError for anybody else."""
    changes = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    function = sa.func.change_tenant(tenant_id, sa.cast(changes, JSONB), type_=sa.Boolean)
    if not await session.scalar(sa.select(function)):
        raise PermissionError(f"tenant {tenant_id} is changed by who keeps the platform")
