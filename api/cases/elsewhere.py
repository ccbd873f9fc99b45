"""What somebody sees in another of their tenants than the one that they are in: a mail from there leads to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.identity.callers import Caller, find_caller
from api.identity.tokens import AccessClaims
from api.registry import KINDS
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.database import Database
from models.people import Membership
from models.tasks import TaskRow
from models.tenants import Tenant


@dataclass(frozen=True)
class Elsewhere:
    """Another tenant of somebody's."""

    slug: str
    name: str


async def case_elsewhere(database: Database, caller: Caller, kind: CaseKind, case_id: UUID) -> Elsewhere | None:
    """The other tenant in which the caller sees this case, if there is one."""
    cases = KINDS[kind].cases
    async for there, place in _others(database, caller):
        async with database.transaction(there.tenant_id) as session:
            if await session.scalar(cases.visible(there).where(cases.columns.id == case_id)):
                return place
    return None


async def task_elsewhere(database: Database, caller: Caller, task_id: UUID) -> Elsewhere | None:
    """The other tenant in whose inbox the caller sees this task, if there is one."""
    async for there, place in _others(database, caller):
        if there.may(Permission.REVIEWS_READ):
            async with database.transaction(there.tenant_id) as session:
                if await session.get(TaskRow, task_id):
                    return place
    return None


async def _others(database: Database, caller: Caller) -> AsyncIterator[tuple[Caller, Elsewhere]]:
    query = (
        sa.select(col(Membership.tenant_id), col(Tenant.slug), col(Tenant.name))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .where(col(Membership.account_id) == caller.account_id, col(Membership.tenant_id) != caller.tenant_id)
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    async with database.transaction(account_id=caller.account_id) as session:
        rows = (await session.execute(query)).all()
    for tenant_id, slug, name in rows:
        there = await find_caller(database, AccessClaims(caller.account_id, tenant_id, caller.session_id))
        if there and not there.tenant_suspended:
            yield there, Elsewhere(slug, name)
