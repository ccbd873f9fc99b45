"""Looks at one tenant after the other, as checks do that know of all of them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database
from models.tenants import Tenant
from ops.trouble import Trouble
from runtime.settings import settings
from stores.tenants import tenant_ids

T = TypeVar("T")


async def of_each_tenant(look: Callable[[AsyncSession, UUID], Awaitable[T]]) -> list[tuple[str, T]]:
    """What `look` finds of each tenant, in a transaction of that tenant's, by its slug.

    Raises Trouble when no database is set.
    """
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    database = Database(url.get_secret_value(), pool_size=1)
    try:
        async with database.transaction() as session:
            tenants = await tenant_ids(session)
        found = []
        for tenant_id in tenants:
            async with database.transaction(tenant_id) as session:
                seen = await look(session, tenant_id)
                found.append(((await session.get_one(Tenant, tenant_id)).slug, seen))
        return sorted(found, key=lambda each: each[0])
    finally:
        await database.close()
