"""The tenant that a public path names by its slug."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path
from sqlmodel import col

from api.http.problems import not_found
from api.http.services import Services, services
from models.database import look_as
from models.tenants import Tenant
from stores.tenants import tenant_named


async def tenant_of(
    tenant_slug: Annotated[str, Path(max_length=63, pattern=r"^[^\x00]*$")],
    service: Annotated[Services, Depends(services)],
) -> UUID:
    """The tenant that a path names, as a dependency. Raises 404, for one that is suspended too."""
    async with service.database.transaction() as session:
        tenant_id = await tenant_named(session, tenant_slug)
        if tenant_id is not None:
            await look_as(session, tenant_id=tenant_id)
            open_ones = sa.select(col(Tenant.id)).where(col(Tenant.suspended_at).is_(None))
            tenant_id = await session.scalar(open_ones.where(col(Tenant.id) == tenant_id))
    if tenant_id is None:
        raise not_found("company")
    return tenant_id


TenantId = Annotated[UUID, Depends(tenant_of)]
