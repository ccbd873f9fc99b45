"""Two demo tenants with their people."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.hashes import hash_now
from api.identity.tenants import make_first_superadmin, make_tenant
from api.tickets.service_levels.terms import renew_terms
from domain.customers.states import CustomerKind, CustomerStatus, KycStatus
from models.database import Database
from models.people import Account, Customer
from models.sla import Calendar, SlaPolicy
from models.tenants import Tenant
from models.tickets import AgentGroup, AgentGroupMember, TicketCategory
from ops.demo.products import seed_products
from ops.demo.services import seed_services
from runtime.settings import settings
from stores.accounts import add_member, find_or_make_account
from stores.tenants import tenant_ids, tenant_named

SUPERADMIN = "superadmin@casewright.example"
PEOPLE = {
    "admin": "admin",
    "manager": "manager",
    "agent": "agent",
    "agent2": "agent",
    "reviewer": "reviewer",
    "reviewer2": "reviewer",
    "client": "client",
    "client2": "client",
}

TARGETS = {
    "low": {"first_response_minutes": 960, "resolution_minutes": 4800, "next_response_minutes": 960},
    "medium": {"first_response_minutes": 480, "resolution_minutes": 2400, "next_response_minutes": 480},
    "high": {"first_response_minutes": 120, "resolution_minutes": 960, "next_response_minutes": 240},
    "urgent": {"first_response_minutes": 30, "resolution_minutes": 240, "next_response_minutes": 60},
}


ACME = {
    "name": "Acme SARL",
    "address": "12, rue Didouche Mourad\n16000 Alger",
    "phone": "+213 21 00 00 00",
    "email": "contact@acme.example",
    "nif": "000016001234567",
    "rc": "16/00-1234567 B 16",
    "ai": "16010203040",
}
GLOBEX = {
    "name": "Globex SAS",
    "address": "8, rue de la Paix\n75002 Paris",
    "phone": "+33 1 00 00 00 00",
    "email": "contact@globex.example",
}


@dataclass(frozen=True)
class DemoTenant:
    slug: str
    name: str
    locale: str
    timezone: str
    currency: str
    country: str
    weekdays: tuple[int, ...]
    company: dict[str, str] = field(default_factory=dict)
    gives_classes: bool = False


DEMO_TENANTS = (
    DemoTenant("acme", "Acme", "fr-DZ", "Africa/Algiers", "DZD", "DZ", (6, 0, 1, 2, 3), ACME, gives_classes=True),
    DemoTenant("globex", "Globex", "en", "Europe/Paris", "EUR", "FR", (0, 1, 2, 3, 4), GLOBEX),
)


async def seed_demo(database: Database) -> None:
    """Makes the demo tenants that are missing, each whole or not at all; none where there are others."""
    async with database.transaction() as session:
        there = {demo.slug for demo in DEMO_TENANTS if await tenant_named(session, demo.slug)}
        others = len(await tenant_ids(session)) > len(there)
    if others:
        return
    password_hash = hash_now(settings().demo_password.get_secret_value())
    for demo in DEMO_TENANTS:
        if demo.slug not in there:
            await seed_tenant(database, demo, password_hash)


async def seed_tenant(database: Database, demo: DemoTenant, password_hash: str) -> None:
    """Makes one tenant with its roles, service level, group and people, who all have the same password."""
    tenant = Tenant(
        slug=demo.slug,
        name=demo.name,
        locale=demo.locale,
        timezone=demo.timezone,
        currency=demo.currency,
        settings={"company": demo.company},
    )
    # One transaction: a seed that is cut off leaves nothing, and the next one makes the tenant again.
    async with database.transaction(tenant.id) as session:
        roles = await make_tenant(session, tenant)
        await _seed_service_levels(session, tenant.id, demo)
        memberships, agents = {}, {}
        for local_part, role_key in PEOPLE.items():
            name = f"{local_part.capitalize()} of {demo.name}"
            account = await _demo_account(session, f"{local_part}@{demo.slug}.example", name, password_hash)
            customer_id = None
            if role_key == "client":
                customer = Customer(
                    tenant_id=tenant.id,
                    kind=CustomerKind.INDIVIDUAL if local_part == "client" else CustomerKind.CORPORATE,
                    name=name,
                    company_name=None if local_part == "client" else name,
                    email=account.email,
                    status=CustomerStatus.ACTIVE,
                    kyc_status=KycStatus.APPROVED,
                )
                session.add(customer)
                await session.flush()
                customer_id = customer.id
            member = await add_member(session, tenant.id, account.id, [roles[role_key]], customer_id)
            if member is not None:
                memberships[local_part] = member.id
            if role_key == "agent":
                agents[account.id] = name
        if demo is DEMO_TENANTS[0]:
            # A token needs a tenant, so the superadmin is a member of one, in which it may do nothing.
            platform = await _demo_account(session, SUPERADMIN, "Keeper of the platform", password_hash)
            await make_first_superadmin(session, platform.id)
            await add_member(session, tenant.id, platform.id, [])
        await seed_products(session, tenant.id, demo.currency)
        await seed_services(
            session,
            tenant.id,
            timezone=demo.timezone,
            currency=demo.currency,
            weekdays=demo.weekdays,
            agents=agents,
            gives_classes=demo.gives_classes,
        )
        group = AgentGroup(tenant_id=tenant.id, name="First line")
        session.add_all([group, TicketCategory(tenant_id=tenant.id, name="General")])
        await session.flush()
        session.add_all(
            AgentGroupMember(tenant_id=tenant.id, group_id=group.id, membership_id=memberships[agent])
            for agent in ("agent", "agent2")
        )


async def _demo_account(session: AsyncSession, email: str, full_name: str, password_hash: str) -> Account:
    account = await find_or_make_account(session, email, full_name)
    account.password_hash, account.email_verified_at = password_hash, datetime.now(UTC)
    await session.flush()
    return account


async def _seed_service_levels(session: AsyncSession, tenant_id: UUID, demo: DemoTenant) -> None:
    calendar = Calendar(
        tenant_id=tenant_id,
        name="Office hours",
        timezone=demo.timezone,
        windows=[{"weekday": day, "opens": 8 * 60, "closes": 17 * 60} for day in demo.weekdays],
        holiday_country=demo.country,
    )
    session.add(calendar)
    await session.flush()
    policy = SlaPolicy(
        tenant_id=tenant_id,
        name="Standard",
        calendar_id=calendar.id,
        is_default=True,
        targets=TARGETS,
        warn_percent=75,
        escalations=[{"clock": "resolution", "action": "notify_role", "target": "manager", "minutes_after_breach": 60}],
    )
    session.add(policy)
    await renew_terms(session, policy)
