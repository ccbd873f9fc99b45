"""Making a tenant, and the accounts and roles of the people in it."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.people.permissions import TENANT_ROLES
from models.database import look_as
from models.people import Account, Membership, MembershipRole, Role, RolePermission
from models.tenants import Tenant


async def make_tenant(session: AsyncSession, tenant: Tenant) -> dict[str, UUID]:
    """Writes the tenant with the roles that every tenant starts with; returns their ids by key. From then on the
    transaction works for the new tenant."""
    await look_as(session, tenant_id=tenant.id)
    session.add(tenant)
    await session.flush()
    roles = {key: Role(tenant_id=tenant.id, key=key, name=key.capitalize()) for key in TENANT_ROLES}
    session.add_all(roles.values())
    await session.flush()
    session.add_all(
        RolePermission(tenant_id=tenant.id, role_id=role.id, permission=permission)
        for key, role in roles.items()
        for permission in sorted(TENANT_ROLES[key])
    )
    await session.flush()
    return {key: role.id for key, role in roles.items()}


async def find_or_make_account(session: AsyncSession, email: str, full_name: str) -> Account:
    """The account with this e-mail address; without a password when it is made now. The transaction then sees it."""
    await look_as(session, login_email=email)
    await session.execute(
        insert(Account)
        .values(id=uuid7(), email=email, full_name=full_name)
        .on_conflict_do_nothing(index_elements=["email"])
    )
    return (await session.scalars(sa.select(Account).where(col(Account.email) == email))).one()


async def make_first_superadmin(session: AsyncSession, account_id: UUID) -> bool:
    """Gives the platform to the account, which the transaction sees; false when somebody else keeps it already. Others
    are made in the database, by its owner."""
    return bool(await session.scalar(sa.select(sa.func.make_first_superadmin(account_id))))


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
