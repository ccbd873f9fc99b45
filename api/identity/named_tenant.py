"""The tenant that a public path names by its slug."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path

from api.http.problems import not_found
from api.http.services import Services, services
from stores.tenants import tenant_named


async def tenant_of(
    tenant_slug: Annotated[str, Path(max_length=63, pattern=r"^[^\x00]*$")],
    service: Annotated[Services, Depends(services)],
) -> UUID:
    """The tenant that a path names, as a dependency. Raises 404."""
    async with service.database.transaction() as session:
        tenant_id = await tenant_named(session, tenant_slug)
    if tenant_id is None:
        raise not_found("company")
    return tenant_id


TenantId = Annotated[UUID, Depends(tenant_of)]
