"""A chain of entries of its own: made, added to, verified."""

from typing import Any
from uuid import UUID, uuid4

from models.tenants import Tenant
from stores.audit import Verdict, record, verify
from tests.api.demo_house import House


async def a_tenant(house: House) -> UUID:
    """A new tenant, without an entry."""
    tenant = Tenant(slug="", name="Chain", locale="en", timezone="UTC", currency="EUR")
    tenant.slug = f"chain-{tenant.id}"
    async with house.database.transaction(tenant.id) as session:
        session.add(tenant)
    return tenant.id


async def add(
    house: House, tenant_id: UUID, action: str, *, detail: dict[str, Any] | None = None, within: UUID | None = None
) -> None:
    """Adds an entry about tenant `tenant_id`, in a transaction that works for `within`."""
    async with house.database.transaction(within or tenant_id) as session:
        await record(
            session,
            tenant_id,
            uuid4(),
            action,
            entity_kind="thing",
            entity_id=UUID(int=1),
            detail=detail or {"number": 7},
            correlation_id="c-1",
            address="192.0.2.1",
        )


async def verdict_on(house: House, tenant_id: UUID) -> Verdict:
    """What `casewright audit verify` finds of the tenant's chain."""
    async with house.database.transaction(tenant_id) as session:
        return await verify(session)
