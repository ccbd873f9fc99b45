"""Makes the tenants whose lists `casewright bench --lists` measures. Those that a database has already are kept."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.identity.hashes import hash_now
from bench.lists import SIZES, tenant_of
from models.database import Database
from models.tickets import Ticket
from ops.demo.people import DemoTenant, seed_tenant
from ops.seed_tickets import seed_tickets
from stores.tenants import tenant_named


async def make_list_tenants(database: Database, password: str) -> None:
    """A tenant for each size, with people who have `password`, and as many tickets as its size says."""
    for size in SIZES:
        slug = tenant_of(size)
        tenant_id = await _tenant_id(database, slug)
        if tenant_id is None:
            name = f"Bench {size:,}"
            tenant = DemoTenant(slug, name, "en", "Europe/Paris", "EUR", "FR", (0, 1, 2, 3, 4))
            await seed_tenant(database, tenant, hash_now(password))
        there = await _tickets_of(database, tenant_id) if tenant_id else 0
        if there < size:
            await seed_tickets(database, size - there, tenant=slug)


async def _tenant_id(database: Database, slug: str) -> UUID | None:
    async with database.transaction() as session:
        return await tenant_named(session, slug)


async def _tickets_of(database: Database, tenant_id: UUID) -> int:
    async with database.transaction(tenant_id) as session:
        return await session.scalar(sa.select(sa.func.count(col(Ticket.id))).where(col(Ticket.version) > 0)) or 0
