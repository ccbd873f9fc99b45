"""Bookings: making and reading them, and the commands that move them."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.bookings.placing import as_customer, or_elsewhere, write_booking
from api.bookings.schemas import BookingBody, BookingView, CancelBookingBody, MoveBookingBody
from api.bookings.views import BOOKINGS
from api.cases.commands import AskingDep, ask_about, ask_to_open
from api.cases.reading import add_reading
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page, UtcTime
from api.http.rate_limits import OPENING
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.bookings.rules import BookingStatus, BookingType, CancelCode
from domain.people.permissions import Permission
from models.bookings import Booking
from models.people import Customer

router = APIRouter(prefix="/bookings", tags=["bookings"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Booker = Annotated[Caller, Depends(needs(Permission.BOOKINGS_BOOK))]
Worker = Annotated[Caller, Depends(needs(Permission.BOOKINGS_WORK))]


class Wanted:
    """Which bookings a list or an export is of."""

    def __init__(
        self,
        status: Annotated[list[BookingStatus] | None, Query()] = None,
        type_: Annotated[list[BookingType] | None, Query(alias="type")] = None,
        service_id: UUID | None = None,
        team_member_id: UUID | None = None,
        customer_id: UUID | None = None,
        series_id: UUID | None = None,
        since: Annotated[UtcTime | None, Query(alias="from", description="Starting then or later")] = None,
        until: Annotated[UtcTime | None, Query(alias="to", description="Starting before")] = None,
        q: Annotated[
            str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a number or a customer")
        ] = None,
        sort: Annotated[str, Query(max_length=40)] = "-created_at",
    ) -> None:
        self._lists = {Booking.status: status, Booking.type: type_}
        self._ids = {
            Booking.service_id: service_id,
            Booking.team_member_id: team_member_id,
            Booking.customer_id: customer_id,
            Booking.series_id: series_id,
        }
        self._since, self._until, self._q = since, until, q
        sortable = {
            "created_at": Booking.created_at,
            "updated_at": Booking.updated_at,
            "starts_at": Booking.starts_at,
            "number": Booking.number,
        }
        self.order = order_of(sort, sortable, Booking.id)

    def of(self, caller: Caller) -> sa.Select[Booking]:
        """Those of them that the caller may see."""
        conditions: list[sa.ColumnElement[bool]] = [
            *(col(column).in_(each) for column, each in self._lists.items() if each),
            *(col(column) == each for column, each in self._ids.items() if each),
        ]
        if self._since:
            conditions.append(col(Booking.starts_at) >= self._since)
        if self._until:
            conditions.append(col(Booking.starts_at) < self._until)
        if self._q:
            named = sa.select(col(Customer.id)).where(contains(Customer.name, self._q))
            conditions.append(contains(Booking.number, self._q) | col(Booking.customer_id).in_(named))
        return BOOKINGS.visible(caller).where(*conditions)


@router.post("", status_code=HTTPStatus.CREATED, response_model=BookingView, dependencies=OPENING)
async def book(body: BookingBody, asked: AskingDep, caller: Booker, service: Service) -> Response:
    """Takes a place and holds it for some minutes, until it is confirmed. 409 `slot_taken`, with the three nearest
    times that are free as `alternatives`, when somebody was faster."""
    booking_id = uuid7()

    async def content(session: AsyncSession) -> None:
        await write_booking(session, caller, body, booking_id)

    by_staff = not as_customer(caller)
    arguments = {"start": body.start.isoformat(), "team_member_id": body.team_member_id, "by_staff": by_staff}
    opened = ask_to_open(asked, caller, BOOKINGS, booking_id, arguments, content=content)
    return await or_elsewhere(service, caller.tenant_id, body.service_id, body.start, opened)


@router.get("")
async def list_bookings(
    caller: Reader, service: Service, paging: PagingDep, wanted: Annotated[Wanted, Depends()]
) -> Page[BookingView]:
    """The bookings that the caller may see, newest first unless sorted otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, wanted.of(caller), wanted.order, paging)
    return Page(items=[BookingView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


add_reading(router, BOOKINGS, Permission.BOOKINGS_READ, BookingView, "booking_id")


@router.post("/{booking_id}/confirm", response_model=BookingView)
async def confirm_booking(booking_id: UUID, asked: AskingDep, caller: Booker) -> Response:
    """Keeps the place that is held. Where staff confirm a service's bookings, a customer's waits for them; theirs is
    final."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "confirm", {"by_customer": as_customer(caller)})


@router.post("/{booking_id}/reschedule", response_model=BookingView)
async def move_booking(
    booking_id: UUID, body: MoveBookingBody, asked: AskingDep, caller: Booker, service: Service
) -> Response:
    """Takes another place instead, all of it or nothing; 409 as for a new booking."""
    async with service.database.transaction(caller.tenant_id) as session:
        booking = await BOOKINGS.find_asked(session, caller, booking_id)
    arguments: dict[str, Any] = {
        "start": body.start.isoformat(),
        "team_member_id": body.team_member_id,
        "by_customer": as_customer(caller),
    }
    moved = ask_about(asked, caller, BOOKINGS, booking_id, "move", arguments)
    return await or_elsewhere(service, caller.tenant_id, booking.service_id, body.start, moved)


@router.post("/{booking_id}/cancel", response_model=BookingView)
async def cancel_booking(booking_id: UUID, body: CancelBookingBody, asked: AskingDep, caller: Booker) -> Response:
    """Gives the place back; customers can until it begins."""
    code = CancelCode.BY_CUSTOMER if as_customer(caller) else CancelCode.BY_STAFF
    return await ask_about(asked, caller, BOOKINGS, booking_id, "cancel", {"code": code}, reason=body.reason)


@router.post("/{booking_id}/check-in", response_model=BookingView)
async def check_in(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that who was expected is there, from an hour before the start."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "check_in")


@router.post("/{booking_id}/complete", response_model=BookingView)
async def complete_booking(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that it is done; 409 `booking_not_begun` before its time."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "complete")


@router.post("/{booking_id}/no-show", response_model=BookingView)
async def no_show(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that nobody came; 409 `booking_not_begun` before its time."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "no_show")
