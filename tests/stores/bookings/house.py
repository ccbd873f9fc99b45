"""A tenant that is booked, for tests of what bookings do to people's time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.customers.states import CustomerKind
from models.bookings import Appointment, Booking, Seat
from models.database import Database
from models.people import Account, Customer
from models.services import Service, TeamMember, TeamMemberService
from models.tenants import Tenant
from stores.bookings.seats import Seated, give_back, lock_service, take_seat

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NINE = NOW + timedelta(hours=1)
ALWAYS = [{"weekday": day, "opens": 0, "closes": 1440} for day in range(7)]


@dataclass(frozen=True)
class Practice:
    """One tenant with a customer; each call is a transaction of its own."""

    database: Database
    tenant_id: UUID
    customer_id: UUID

    async def service(self, *members: UUID, **given: Any) -> UUID:
        """A service of an hour, round the clock in UTC, that these people do."""
        usual: dict[str, Any] = {"duration_minutes": 60, "slot_minutes": 60, "windows": ALWAYS, "base_price": 1}
        usual |= {"timezone": "UTC", "booking_types": ["standard"], "currency": "EUR", "observes_holidays": False}
        service = Service(id=uuid7(), tenant_id=self.tenant_id, name=str(uuid7()), **(usual | given))
        async with self.database.transaction(self.tenant_id) as session:
            session.add(service)
            await session.flush()
            for member in members:
                does = {"team_member_id": member, "service_id": service.id}
                session.add(TeamMemberService(tenant_id=self.tenant_id, **does))
        return service.id

    async def member(self, **given: Any) -> UUID:
        account, member = uuid7(), uuid7()
        async with self.database.transaction(self.tenant_id, account_id=account) as session:
            session.add(Account(id=account, email=f"{account}@team.example", full_name="Ada"))
            await session.flush()
            usual: dict[str, Any] = {"name": "Ada", "timezone": "UTC", "windows": ALWAYS}
            session.add(TeamMember(id=member, tenant_id=self.tenant_id, account_id=account, **(usual | given)))
        return member

    async def book(
        self, service_id: UUID, start: datetime = NINE, member_id: UUID | None = None
    ) -> tuple[UUID, Seated]:
        """A booking with its place. Raises Refusal."""
        booking_id = uuid7()
        async with self.database.transaction(self.tenant_id) as session:
            service = await lock_service(session, service_id, member_id)
            session.add(
                Booking(
                    id=booking_id,
                    tenant_id=self.tenant_id,
                    customer_id=self.customer_id,
                    service_id=service_id,
                    starts_at=start,
                    ends_at=start + timedelta(hours=1),
                    currency="EUR",
                )
            )
            await session.flush()
            return booking_id, await take_seat(session, service, booking_id, start, NOW, member_id=member_id)

    async def leave(self, service_id: UUID, booking_id: UUID) -> None:
        async with self.database.transaction(self.tenant_id) as session:
            await lock_service(session, service_id)
            await give_back(session, booking_id)

    async def appointments(self, service_id: UUID) -> list[tuple[UUID, int]]:
        """Its appointments in order of their start, each with how many seats are taken."""
        taken = sa.select(sa.func.count()).where(col(Seat.appointment_id) == col(Appointment.id)).scalar_subquery()
        query = sa.select(col(Appointment.id), taken).where(col(Appointment.service_id) == service_id)
        async with self.database.transaction(self.tenant_id) as session:
            return [(row[0], row[1]) for row in await session.execute(query.order_by(col(Appointment.starts_at)))]

    async def write(self, *rows: Any) -> None:
        """What code that is wrong might write."""
        async with self.database.transaction(self.tenant_id) as session:
            session.add_all(rows)


async def new_practice(database: Database) -> Practice:
    tenant = Tenant(id=uuid7(), slug=str(uuid7()), name="Practice", currency="EUR", timezone="UTC", locale="en")
    customer = Customer(id=uuid7(), tenant_id=tenant.id, kind=CustomerKind.INDIVIDUAL, name="Carl")
    async with database.transaction(tenant.id) as session:
        session.add(tenant)
        await session.flush()
        session.add(customer)
    return Practice(database, tenant.id, customer.id)
