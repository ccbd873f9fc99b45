"""Whom an escalation goes to: a role or a group of the tenant, named in a policy's JSON, where no foreign key holds."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.tickets.sla.policy import EscalationAction, group_of
from models.people import Role
from models.tickets import AgentGroup


async def target_exists(session: AsyncSession, action: EscalationAction, target: str | None) -> bool:
    """Whether the tenant has the role or the group that an escalation names; an action without a target misses
    nothing."""
    match action:
        case EscalationAction.NOTIFY_ROLE:
            return await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == target)) is not None
        case EscalationAction.REASSIGN_GROUP:
            group_id = group_of(target)
            return group_id is not None and await group_exists(session, group_id)
        case EscalationAction.RAISE_PRIORITY:
            return True


async def group_exists(session: AsyncSession, group_id: UUID) -> bool:
    """Whether the tenant has this group."""
    return await session.scalar(sa.select(col(AgentGroup.id)).where(col(AgentGroup.id) == group_id)) is not None
