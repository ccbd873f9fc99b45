"""Who books what for whom: checks that a payload can become a booking."""

from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.bookings.availability import alternatives, bookable
from api.bookings.schemas import BookingBody, GuestBody, GuestBookingBody, MoveBookingBody
from api.bookings.series_schemas import SeriesBody
from api.http.problems import Problem, conflict, field_error
from api.http.services import Services
from api.identity.callers import Caller
from domain.bookings.rules import SLOT_CODES, require_offered
from domain.customers.states import CustomerKind
from domain.people.permissions import Permission
from domain.refusal import Refusal
from models.bookings import Booking
from models.people import Customer, Membership
from models.services import Service, TeamMemberService
from stores.bookings.diary import open_diary
from stores.bookings.prices import find_promo


async def write_booking(session: AsyncSession, caller: Caller, body: BookingBody, booking_id: UUID) -> None:
    """Writes the booking's row, which has no place yet.

    Raises 404 and 422 for what is unknown, Refusal for what is plainly not free, not offered, or no longer cheaper.
    """
    service = await bookable(session, caller.tenant_id, body.service_id)
    customer = await whose(session, caller, body)
    session.add(await row_of(session, service, body, booking_id, customer))


async def row_of(
    session: AsyncSession,
    service: Service,
    body: BookingBody | GuestBookingBody,
    booking_id: UUID,
    customer: Mapping[str, Any],
) -> Booking:
    """The row of what is asked for, for whom the columns of `customer` say. Raises Refusal and 422, as
    `write_booking`."""
    now = datetime.now(UTC)
    require_offered(body.type, service.booking_types)
    await require_member(session, service.id, body.team_member_id)
    diary = await open_diary(session, service, body.start, body.start, body.team_member_id)
    slot = diary.slot_at(now, body.start)
    promo = await find_promo(session, service, body.promo_code, now) if body.promo_code else None
    return Booking(
        id=booking_id,
        tenant_id=service.tenant_id,
        service_id=service.id,
        type=body.type,
        starts_at=slot.start,
        ends_at=slot.end,
        currency=service.currency,
        promo_code_id=promo.id if promo else None,
        notes=body.notes,
        **customer,
    )


async def require_member(session: AsyncSession, service_id: UUID, member_id: UUID | None) -> None:
    """Raises 422 for a member who is not there or does not do this service."""
    if member_id is None:
        return
    serves = sa.select(col(TeamMemberService.id)).where(
        col(TeamMemberService.team_member_id) == member_id, col(TeamMemberService.service_id) == service_id
    )
    if await session.scalar(serves) is None:
        raise field_error("team_member_id", "unknown", "There is nobody with this id who does this service.")


async def whose(session: AsyncSession, caller: Caller, body: BookingBody | SeriesBody) -> dict[str, Any]:
    """The columns that say for whom is booked, and who does it for their own customer. Raises 422 for anybody else."""
    if caller.customer_id is not None:
        if body.guest or body.customer_id not in (None, caller.customer_id):
            raise field_error("customer_id", "other_customer", "You book for your own customer.")
        return {"customer_id": caller.customer_id, "requester_id": caller.account_id}
    if (body.guest is None) == (body.customer_id is None):
        raise field_error("customer_id", "missing", "Staff say for whom they book: a customer or a guest.")
    if body.guest:
        return {"customer_id": await guest_customer(session, caller.tenant_id, body.guest)}
    if await session.get(Customer, body.customer_id) is None:
        raise field_error("customer_id", "unknown", "There is no customer with this id.")
    return {"customer_id": body.customer_id}


async def guest_customer(session: AsyncSession, tenant_id: UUID, guest: GuestBody) -> UUID:
    """The customer that a guest's address belongs to, if nobody with an account speaks for it; else a new one. So a
    typed address never reaches what is somebody's."""
    spoken_for = sa.exists().where(col(Membership.customer_id) == col(Customer.id))
    known = (
        sa.select(col(Customer.id))
        .where(
            col(Customer.tenant_id) == tenant_id,
            sa.func.lower(col(Customer.email)) == guest.email.lower(),
            ~spoken_for,
        )
        .order_by(col(Customer.created_at))
        .limit(1)
    )
    found: UUID | None = await session.scalar(known)
    if found is not None:
        return found
    customer = Customer(
        id=uuid7(),
        tenant_id=tenant_id,
        kind=CustomerKind.INDIVIDUAL,
        name=guest.name,
        email=guest.email,
        phone=guest.phone,
    )
    session.add(customer)
    await session.flush()
    return customer.id


async def or_elsewhere(
    service: Services,
    tenant_id: UUID,
    service_id: UUID,
    wanted: BookingBody | GuestBookingBody | MoveBookingBody,
    asking: Awaitable[Response],
) -> Response:
    """The answer to who wants a place; where there is none then, the problem names the nearest that are free, with the
    same person where one is named."""
    try:
        return await asking
    except Refusal as refusal:
        problem = conflict(refusal.code, refusal.sentence)
    except Problem as refused:
        problem = refused
    if problem.code in SLOT_CODES:
        async with service.database.transaction(tenant_id) as session:
            wished = await session.get_one(Service, service_id)
            free = await alternatives(session, wished, wanted.start, datetime.now(UTC), wanted.team_member_id)
        problem.beside = {"alternatives": [each.model_dump(mode="json") for each in free]}
    raise problem


def as_customer(caller: Caller) -> bool:
    """Whether the caller acts as who has booked, not as staff."""
    return not caller.may(Permission.BOOKINGS_WORK)
