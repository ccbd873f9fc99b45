"""Making a tenant with the roles that every tenant starts with, and who keeps the platform."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from domain.people.permissions import TENANT_ROLES
from models.database import look_as
from models.people import Role, RolePermission
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
    granted = [
        {"tenant_id": tenant.id, "role_id": role.id, "permission": permission}
        for key, role in roles.items()
        for permission in sorted(TENANT_ROLES[key])
    ]
    await session.execute(sa.insert(RolePermission), granted)
    return {key: role.id for key, role in roles.items()}


async def make_first_superadmin(session: AsyncSession, account_id: UUID) -> bool:
    """Gives the platform to the account, which the transaction sees; false when somebody else keeps it already. Others
    are made in the database, by its owner."""
    return bool(await session.scalar(sa.select(sa.func.make_first_superadmin(account_id))))
