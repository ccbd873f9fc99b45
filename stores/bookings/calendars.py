"""Bookings as calendars take them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.bookings.invitation import Invitation, Method, Person
from domain.bookings.rules import LET_GO
from domain.company import Company
from models.bookings import Booking
from models.people import Account, Customer
from models.services import Service
from models.tenants import Tenant

METHODS = {
    "booking_confirmed": Method.REQUEST,
    "booking_moved": Method.REQUEST,
    "booking_cancelled": Method.CANCEL,
}
"""Which mails bring an invitation, and what it does to the calendar."""


async def invitations(
    session: AsyncSession, bookings: Sequence[Booking], sender: str, method: Method | None = None
) -> list[Invitation]:
    """The bookings, which are of one tenant, as they are now; without a method they are published, or cancelled.

    The tenant's own address invites, or the `sender` of all mail (a From header) where it has none.
    """
    if not bookings:
        return []
    tenant = await session.get_one(Tenant, bookings[0].tenant_id)
    company = Company.of(tenant.settings.get("company", {}), tenant.name)
    organizer = Person(company.name, company.email or parseaddr(sender)[1])
    services = await _services(session, {each.service_id for each in bookings})
    people = await _attendees(session, bookings)
    return [_invitation(each, services[each.service_id], organizer, people[each.id], method) for each in bookings]


def _invitation(
    booking: Booking, service: Service, organizer: Person, attendee: Person, method: Method | None
) -> Invitation:
    gone = Method.CANCEL if booking.status in LET_GO else Method.PUBLISH
    return Invitation(
        uid=f"booking-{booking.id}@casewright",
        sequence=booking.sequence,
        method=method or gone,
        summary=service.name,
        description=f"{booking.number}\n{service.description or ''}".strip(),
        start=booking.starts_at,
        end=booking.ends_at,
        timezone=service.timezone,
        organizer=organizer,
        attendee=attendee,
        stamp=booking.updated_at,
        reminders_minutes_before=(60,),
    )


async def _services(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Service]:
    found = await session.scalars(sa.select(Service).where(col(Service.id).in_(ids)))
    return {service.id: service for service in found}


async def _attendees(session: AsyncSession, bookings: Sequence[Booking]) -> dict[UUID, Person]:
    query = (
        sa.select(
            col(Booking.id),
            sa.func.coalesce(col(Account.full_name), col(Customer.name)),
            sa.func.coalesce(col(Account.email), col(Customer.email), ""),
        )
        .join(Customer, col(Customer.id) == col(Booking.customer_id))
        .join(Account, col(Account.id) == col(Booking.requester_id), isouter=True)
        .where(col(Booking.id).in_([each.id for each in bookings]))
    )
    return {booking_id: Person(name, mail) for booking_id, name, mail in await session.execute(query)}


def on_show(since: datetime) -> sa.ColumnElement[bool]:
    """Which bookings a calendar that is subscribed to shows: those that were ever confirmed, from some time on."""
    return col(Booking.confirmed_at).is_not(None) & (col(Booking.starts_at) >= since)
