"""Makes the tenants whose lists `casewright bench` measures. Those that a database has already are kept."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.identity.hashes import hash_now
from bench import finding
from bench.lists import SIZES, tenant_of
from models.database import Database
from models.people import Account, Membership
from models.tickets import Ticket
from ops.demo.people import DemoTenant, seed_tenant
from ops.seed_products import seed_products, tenant_named
from ops.seed_tickets import seed_tickets
from stores import tenants


async def make_list_tenants(database: Database, password: str) -> None:
    """A tenant for each size, with people who have `password`, and as many tickets as its size says."""
    for size in SIZES:
        slug = tenant_of(size)
        tenant_id = await made(database, slug, password)
        there = await _tickets_of(database, tenant_id)
        if there < size:
            await seed_tickets(database, size - there, tenant=slug)


async def make_finding_tenant(database: Database, password: str) -> None:
    """A tenant with as many products as are looked through, and a customer with the events of a long story: one for
    each of its tickets."""
    tenant_id = await made(database, finding.TENANT, password)
    await seed_products(database, tenant_id, finding.PRODUCTS)
    there = await _tickets_of(database, tenant_id)
    if there < finding.EVENTS:
        customer_id = await _customer_of(database, tenant_id, f"client@{finding.TENANT}.example")
        await seed_tickets(database, finding.EVENTS - there, tenant=finding.TENANT, customer_id=customer_id)


async def made(database: Database, slug: str, password: str) -> UUID:
    """The tenant of that slug, with people who have `password`; it is made where there is none."""
    async with database.transaction() as session:
        there = await tenants.tenant_named(session, slug)
    if there:
        return there
    tenant = DemoTenant(slug, slug, "en", "Europe/Paris", "EUR", "FR", (0, 1, 2, 3, 4))
    await seed_tenant(database, tenant, hash_now(password))
    return await tenant_named(database, slug)


async def _customer_of(database: Database, tenant_id: UUID, email: str) -> UUID | None:
    whose = sa.select(col(Membership.customer_id)).join(Account, col(Account.id) == col(Membership.account_id))
    async with database.transaction(tenant_id) as session:
        return await session.scalar(whose.where(col(Membership.tenant_id) == tenant_id, col(Account.email) == email))


async def _tickets_of(database: Database, tenant_id: UUID) -> int:
    async with database.transaction(tenant_id) as session:
        return await session.scalar(sa.select(sa.func.count(col(Ticket.id))).where(col(Ticket.version) > 0)) or 0
