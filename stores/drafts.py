"""Drafts that nobody has touched for long."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from models.database import Database
from models.drafts import Draft
from stores.tenants import tenant_ids

KEPT_FOR = timedelta(days=30)


async def forget_old_drafts(database: Database) -> None:
    """Removes drafts that were last changed longer than `KEPT_FOR` ago, of all tenants."""
    async with database.transaction() as session:
        tenants = await tenant_ids(session)
    for tenant_id in tenants:
        old = col(Draft.updated_at) < sa.func.now() - KEPT_FOR
        async with database.glance(tenant_id) as session:
            await session.execute(sa.delete(Draft).where(col(Draft.tenant_id) == tenant_id, old))
