"""Makes what `casewright bench --bookings` looks through: twenty people, and places of theirs that are taken.

The places are rows of `appointment` alone, as many bookings would leave them; they are gone again afterwards.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from bench.bookings import DAYS, MEMBERS, TAKEN, TAKEN_ELSEWHEN, TENANT, Salon
from domain.bookings.rules import BookingType
from models.database import Database
from models.people import Account, Customer
from models.services import Service, TeamMember, TeamMemberService
from ops.list_tenants import made

_SERVICE = "Benchmark"
_AT_ONCE = 2_000
_OPEN = [{"weekday": day, "opens": 9 * 60, "closes": 17 * 60} for day in range(7)]

# One after another for each of the people, half an hour each: on every so many-th day, so many a day.
_APPOINTMENTS = sa.text("""
INSERT INTO appointment (id, tenant_id, service_id, team_member_id, lane, starts_at, ends_at,
    blocked_from, blocked_until, capacity)
SELECT uuidv7(), :tenant_id, :service_id, (CAST(:members AS uuid[]))[1 + n % :people], 0, at, at + half, at,
    at + half, 1
FROM generate_series(CAST(:from_n AS int), CAST(:to_n AS int)) AS n, LATERAL (SELECT interval '30 minutes' AS half),
LATERAL (SELECT CAST(:first AS timestamptz) + interval '1 day' * (n / :people % :days)
    + half * (n / :people / :days) AS at)
-- A booking that was answered too late to be cancelled holds its place for some minutes.
ON CONFLICT DO NOTHING
""")


# Those that bookings have are theirs.
_UNBOOKED = sa.text("""
DELETE FROM appointment WHERE id IN (
    SELECT id FROM appointment WHERE service_id = :service_id
    AND NOT EXISTS (SELECT FROM seat WHERE appointment_id = appointment.id) LIMIT :most
) RETURNING 1
""")


async def make_salon(database: Database, password: str) -> Salon:
    """The tenant with its service and people, who are free; what an earlier bench has left is removed."""
    tenant_id = await made(database, TENANT, password)
    named = sa.select(Service).where(col(Service.tenant_id) == tenant_id, col(Service.name) == _SERVICE)
    async with database.transaction(tenant_id) as session:
        service = await session.scalar(named)
    if service is None:
        service = await _make_service(database, tenant_id)
    people = sa.select(col(TeamMemberService.team_member_id)).where(col(TeamMemberService.service_id) == service.id)
    async with database.transaction(tenant_id) as session:
        members = (await session.scalars(people)).all()
        customer_id = (await session.scalars(sa.select(col(Customer.id)).order_by(col(Customer.id)).limit(1))).one()
    tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    salon = Salon(tenant_id, service.id, members, customer_id, tomorrow)
    await empty(database, salon)
    return salon


async def fill(database: Database, salon: Salon) -> None:
    """Takes places evenly on the days that are looked at."""
    await _take(database, salon, salon.first_day + timedelta(hours=9), TAKEN, DAYS)


async def fill_other_days(database: Database, salon: Salon) -> None:
    """Takes many more places, the whole day long: one half right before the days that are looked at, the other right
    after."""
    half = TAKEN_ELSEWHEN // 2
    days = half // MEMBERS // 40
    for first in (salon.first_day - timedelta(days=days), salon.first_day + timedelta(days=DAYS)):
        await _take(database, salon, first, half, days)


async def empty(database: Database, salon: Salon) -> None:
    """Frees all of it."""
    while True:
        async with database.transaction(salon.tenant_id) as session:
            gone = await session.scalars(_UNBOOKED, {"service_id": salon.service_id, "most": _AT_ONCE})
            if not gone.all():
                return


async def _take(database: Database, salon: Salon, first: datetime, count: int, days: int) -> None:
    values = {
        "tenant_id": salon.tenant_id,
        "service_id": salon.service_id,
        "members": list(salon.member_ids),
        "people": MEMBERS,
        "first": first,
        "days": days,
    }
    for before in range(0, count, _AT_ONCE):
        some = {"from_n": before, "to_n": min(before + _AT_ONCE, count) - 1}
        async with database.transaction(salon.tenant_id) as session:
            await session.execute(_APPOINTMENTS, values | some)


async def _make_service(database: Database, tenant_id: UUID) -> Service:
    service = Service(
        id=uuid7(),
        tenant_id=tenant_id,
        name=_SERVICE,
        timezone="UTC",
        duration_minutes=30,
        slot_minutes=30,
        windows=_OPEN,
        max_advance_days=365,
        booking_types=[BookingType.STANDARD],
        currency="EUR",
        base_price=5_000,
    )
    async with database.transaction(tenant_id) as session:
        session.add(service)
    for number in range(MEMBERS):
        account, member = uuid7(), uuid7()
        async with database.transaction(tenant_id, account_id=account) as session:
            session.add(Account(id=account, email=f"{account}@{TENANT}.example", full_name=f"Member {number}"))
            await session.flush()
            person: dict[str, Any] = {"id": member, "tenant_id": tenant_id, "account_id": account}
            session.add(TeamMember(**person, name=f"Member {number}", timezone="UTC", windows=_OPEN))
            await session.flush()
            session.add(TeamMemberService(tenant_id=tenant_id, team_member_id=member, service_id=service.id))
    return service
