"""Services and their free times for everybody, and bookings by guests.

A guest has no account: what is booked is confirmed, moved and cancelled by the link that is mailed to the address that
was typed. The answer to the booking itself holds nothing that was not typed, so a typed address opens nothing.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.bookings.availability import Asked, available, bookable
from api.bookings.calendars import CALENDAR, as_file
from api.bookings.placing import guest_customer, or_elsewhere, require_member, row_of
from api.bookings.schemas import (
    AvailabilityView,
    GuestBookingBody,
    MoveBookingBody,
    PublicBookingView,
)
from api.bookings.service_schemas import ServiceView
from api.bookings.views import BOOKINGS
from api.cases.commands import Asking, AskingAnewDep, AskingDep, ask
from api.cases.reader import answer
from api.http.openapi import MAY_WAIT, problems
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page, ReasonBody
from api.http.problems import Problem, not_found
from api.http.public_paths import PUBLIC
from api.http.rate_limits import GUEST_BOOKING, PUBLIC_BOOKING, PUBLIC_CATALOGUE, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.named_tenant import TenantId
from domain.bookings.rules import CancelCode
from domain.customers.rules import may_act
from domain.refusal import Refusal
from models.bookings import Booking
from models.cases import CommandRow
from models.people import Customer
from models.services import Service
from models.tenants import Tenant
from stores.signed_tokens import InvalidToken

shop = Router(
    prefix=f"{PUBLIC}/{{tenant_slug}}", tags=["bookings"], responses=problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
links = Router(
    prefix=f"{PUBLIC}/bookings",
    tags=["bookings"],
    dependencies=[Depends(limited(PUBLIC_BOOKING))],
    responses=problems(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)

ServiceDep = Annotated[Services, Depends(services)]
Token = Annotated[str, Path(min_length=1, max_length=2_000, pattern=r"^[\w.-]+$")]
_LOOKING = [Depends(limited(PUBLIC_CATALOGUE))]
_BOOKING = [Depends(limited(GUEST_BOOKING))]


@dataclass(frozen=True)
class Guest:
    """Somebody without an account, who books or has the link to a booking."""

    tenant_id: UUID
    booking_id: UUID
    account_id: UUID | None = None


@shop.get("/services", dependencies=_LOOKING)
async def list_public_services(tenant_id: TenantId, service: ServiceDep, paging: PagingDep) -> Page[ServiceView]:
    """What can be booked, by name."""
    query = sa.select(Service).where(col(Service.tenant_id) == tenant_id, col(Service.bookable))
    async with service.database.transaction(tenant_id) as session:
        rows, cursor, total = await page(session, query, order_of("name", {"name": Service.name}, Service.id), paging)
    return Page(items=[ServiceView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@shop.get("/availability", dependencies=_LOOKING, response_model=AvailabilityView)
async def list_public_slots(asked: Annotated[Asked, Depends()], tenant_id: TenantId, service: ServiceDep) -> Response:
    """The times at which a service can be booked, in order."""
    return await available(service.database, tenant_id, asked)


@shop.post(
    "/bookings",
    status_code=HTTPStatus.CREATED,
    response_model=PublicBookingView,
    dependencies=_BOOKING,
    responses=MAY_WAIT,
)
async def book_as_guest(body: GuestBookingBody, tenant_id: TenantId, asked: AskingAnewDep) -> Response:
    """Takes a place and holds it for some minutes; the mail to the given address has the link that confirms it. 409 as
    for everybody."""
    booking_id = uuid7()

    async def content(session: AsyncSession) -> None:
        service = await bookable(session, tenant_id, body.service_id)
        customer_id = await guest_customer(session, tenant_id, body.guest)
        await _may_act(session, customer_id)
        session.add(await row_of(session, service, body, booking_id, {"customer_id": customer_id}))

    arguments = {"start": body.start.isoformat(), "team_member_id": body.team_member_id, "by_guest": True}
    opened = _asks(asked, Guest(tenant_id, booking_id), "open", arguments, content, success=HTTPStatus.CREATED)
    return await or_elsewhere(asked.services, tenant_id, body.service_id, body, opened)


@links.get("/{token}", response_model=PublicBookingView)
async def get_booking_as_guest(token: Token, service: ServiceDep) -> Response:
    """The booking that the link is for."""
    holder = _holder(service, token)
    async with service.database.transaction(holder.tenant_id) as session:
        return answer(await _view_of(session, holder))


@links.get("/{token}/ics", response_class=Response, responses=CALENDAR)
async def download_booking_as_guest(token: Token, service: ServiceDep) -> Response:
    """The booking as a file that calendars open."""
    holder = _holder(service, token)
    async with service.database.transaction(holder.tenant_id) as session:
        return await as_file(session, service, await _find(session, holder))


@links.post("/{token}/confirm", response_model=PublicBookingView)
async def confirm_booking_as_guest(token: Token, asked: AskingDep) -> Response:
    """Keeps the place that is held; 409 `booking_expired` once it was given up."""
    return await _asks_about(asked, token, "confirm", {"by_customer": True})


@links.post("/{token}/reschedule", response_model=PublicBookingView)
async def move_booking_as_guest(token: Token, body: MoveBookingBody, asked: AskingDep) -> Response:
    """Takes another place instead, all of it or nothing."""
    holder = _holder(asked.services, token)
    async with asked.services.database.transaction(holder.tenant_id) as session:
        booking = await _find(session, holder)
        await require_member(session, booking.service_id, body.team_member_id)
    arguments = {"start": body.start.isoformat(), "team_member_id": body.team_member_id, "by_customer": True}
    moved = _asks_about(asked, token, "move", arguments)
    return await or_elsewhere(asked.services, holder.tenant_id, booking.service_id, body, moved)


@links.post("/{token}/cancel", response_model=PublicBookingView)
async def cancel_booking_as_guest(token: Token, body: ReasonBody, asked: AskingDep) -> Response:
    """Gives the place back."""
    return await _asks_about(asked, token, "cancel", {"code": CancelCode.BY_CUSTOMER}, body.reason)


async def _asks_about(
    asked: Asking, token: str, update: str, arguments: dict[str, Any], reason: str | None = None
) -> Response:
    holder = _holder(asked.services, token)

    async def content(session: AsyncSession) -> None:
        booking = await _find(session, holder)
        await _may_act(session, booking.customer_id)

    return await _asks(asked, holder, update, arguments, content, reason)


async def _asks(
    asked: Asking,
    guest: Guest,
    update: str,
    arguments: dict[str, Any],
    content: Any,
    reason: str | None = None,
    success: HTTPStatus = HTTPStatus.OK,
) -> Response:
    async def read(session: AsyncSession, command: CommandRow) -> PublicBookingView:
        # Asked again under its key it is the booking of the first time.
        return await _view_of(session, replace(guest, booking_id=command.case_id or guest.booking_id))

    return await ask(
        asked,
        guest,
        BOOKINGS,
        guest.booking_id,
        update,
        arguments,
        reason=reason,
        content=content,
        read=read,
        success=success,
    )


def _holder(service: Services, token: str) -> Guest:
    """Raises 404 for what is no link of ours, or not any more."""
    try:
        claims = service.tokens.read_booking(token)
    except InvalidToken:
        raise not_found("booking") from None
    return Guest(claims.tenant_id, claims.booking_id)


async def _find(session: AsyncSession, guest: Guest) -> Booking:
    booking: Booking | None = await session.scalar(
        sa.select(Booking).where(
            col(Booking.tenant_id) == guest.tenant_id, col(Booking.id) == guest.booking_id, col(Booking.version) > 0
        )
    )
    if booking is None:
        raise not_found("booking")
    return booking


async def _view_of(session: AsyncSession, guest: Guest) -> PublicBookingView:
    booking = await _find(session, guest)
    of, tenant = await session.get_one(Service, booking.service_id), await session.get_one(Tenant, guest.tenant_id)
    around = {"service_name": of.name, "timezone": of.timezone, "tenant": tenant.slug, "tenant_name": tenant.name}
    return PublicBookingView.model_validate({**booking.model_dump(), **around})


async def _may_act(session: AsyncSession, customer_id: UUID) -> None:
    customer = await session.get_one(Customer, customer_id)
    try:
        may_act(customer.status)
    except Refusal as refusal:
        raise Problem(HTTPStatus.FORBIDDEN, refusal.code, refusal.sentence) from None
