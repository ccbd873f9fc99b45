"""Finds the people whom a notice of a case goes to."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.people import Account, Membership, MembershipRole, Role
from models.tickets import AgentGroupMember, Ticket

MOST_RECIPIENTS = 50


async def recipients(session: AsyncSession, ticket: Ticket, audience: str) -> list[UUID]:
    """Account ids for `requester`, `assignee` (its group when nobody has it, agents when no group has) or `role:<key>`.

    People who are away are passed over, except the requester.
    """
    if audience == "requester":
        return [ticket.requester_id]
    if audience == "assignee":
        if ticket.assignee_id:
            return [ticket.assignee_id]
        if ticket.group_id:
            return await _present(session, _in_group(ticket.group_id))
        audience = "role:agent"
    return await _present(session, _with_role(audience.removeprefix("role:")))


async def people_with_role(session: AsyncSession, key: str) -> list[UUID]:
    """Account ids of those who have the role and are not away."""
    return await _present(session, _with_role(key))


async def belongs(session: AsyncSession, account_id: UUID) -> bool:
    """Whether the account is a member of the tenant, away or not."""
    found = await session.scalar(sa.select(col(Membership.id)).where(col(Membership.account_id) == account_id))
    return found is not None


async def people_of_customer(session: AsyncSession, customer_id: UUID) -> list[UUID]:
    """Account ids of those who speak for a customer, whether they are away or not."""
    found = await session.scalars(
        sa.select(col(Membership.account_id))
        .where(col(Membership.customer_id) == customer_id)
        .order_by(col(Membership.created_at))
        .limit(MOST_RECIPIENTS)
    )
    return list(found)


async def locale_of_customer(session: AsyncSession, customer_id: UUID) -> str | None:
    """The language of the first of those who speak for a customer, if they have chosen one."""
    people = await people_of_customer(session, customer_id)
    account = await session.get(Account, people[0]) if people else None
    return account.locale if account else None


def _in_group(group_id: UUID) -> sa.Select[UUID]:
    return sa.select(col(AgentGroupMember.membership_id)).where(col(AgentGroupMember.group_id) == group_id)


def _with_role(key: str) -> sa.Select[UUID]:
    return (
        sa.select(col(MembershipRole.membership_id))
        .join(Role, col(Role.id) == col(MembershipRole.role_id))
        .where(col(Role.key) == key)
    )


async def _present(session: AsyncSession, memberships: sa.Select[UUID]) -> list[UUID]:
    found = await session.scalars(
        sa.select(col(Membership.account_id))
        .where(col(Membership.id).in_(memberships), col(Membership.away).is_(False))
        .order_by(col(Membership.created_at))
        .limit(MOST_RECIPIENTS)
    )
    return list(found)
