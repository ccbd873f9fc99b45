"""People's accounts, and their places in tenants."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from models.database import look_as
from models.people import Account, Membership, MembershipRole


async def find_or_make_account(session: AsyncSession, email: str, full_name: str) -> Account:
    """The account with this e-mail address; without a password when it is made now. The transaction then sees it."""
    await look_as(session, login_email=email)
    await session.execute(
        insert(Account)
        .values(id=uuid7(), email=email, full_name=full_name)
        .on_conflict_do_nothing(index_elements=["email"])
    )
    return (await session.scalars(sa.select(Account).where(col(Account.email) == email))).one()


async def add_member(
    session: AsyncSession,
    tenant_id: UUID,
    account_id: UUID,
    role_ids: Iterable[UUID],
    customer_id: UUID | None = None,
) -> Membership | None:
    """Makes the account a member with these roles; None when it is one already."""
    membership_id = await session.scalar(
        insert(Membership)
        .values(id=uuid7(), tenant_id=tenant_id, account_id=account_id, customer_id=customer_id)
        .on_conflict_do_nothing(index_elements=["tenant_id", "account_id"])
        .returning(col(Membership.id))
    )
    if membership_id is None:
        return None
    session.add_all(
        MembershipRole(tenant_id=tenant_id, membership_id=membership_id, role_id=role_id) for role_id in role_ids
    )
    await session.flush()
    return await session.get_one(Membership, membership_id)
