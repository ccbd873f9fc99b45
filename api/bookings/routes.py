"""Bookings: making and reading them, and the commands that move them."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.bookings.placing import as_customer, or_elsewhere, require_member, write_booking
from api.bookings.recurring import open_series
from api.bookings.schemas import BookingBody, BookingView, MoveBookingBody
from api.bookings.series_schemas import SeriesBody, SeriesView
from api.bookings.views import BOOKINGS
from api.bookings.wanted import Wanted
from api.cases.commands import AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reading import add_reading
from api.http.openapi import MAY_WAIT
from api.http.paging import PagingDep, page
from api.http.payloads import Page, ReasonBody
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.bookings.rules import CancelCode
from domain.people.permissions import Permission

router = Router(prefix="/bookings", tags=["bookings"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Booker = Annotated[Caller, Depends(needs(Permission.BOOKINGS_BOOK))]
Worker = Annotated[Caller, Depends(needs(Permission.BOOKINGS_WORK))]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=BookingView | SeriesView,
    dependencies=OPENING,
    responses=MAY_WAIT,
)
async def book(body: BookingBody, asked: AskingAnewDep, caller: Booker, service: Service) -> Response:
    """Takes a place and holds it for some minutes, until it is confirmed. 409 `slot_taken`, with the three nearest
    times that are free as `alternatives`, when somebody was faster. With a `recurrence` it books a series, as
    `POST /booking-series` does, and answers with that."""
    if body.recurrence:
        once = body.model_dump(exclude={"type", "promo_code", "recurrence"})
        return await open_series(asked, caller, SeriesBody(**once, **body.recurrence.model_dump()))
    booking_id = uuid7()

    async def content(session: AsyncSession) -> None:
        await write_booking(session, caller, body, booking_id)

    by_staff = not as_customer(caller)
    arguments = {"start": body.start.isoformat(), "team_member_id": body.team_member_id, "by_staff": by_staff}
    opened = ask_to_open(asked, caller, BOOKINGS, booking_id, arguments, content=content)
    return await or_elsewhere(service, caller.tenant_id, body.service_id, body, opened)


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
        await require_member(session, booking.service_id, body.team_member_id)
    arguments: dict[str, Any] = {
        "start": body.start.isoformat(),
        "team_member_id": body.team_member_id,
        "by_customer": as_customer(caller),
    }
    moved = ask_about(asked, caller, BOOKINGS, booking_id, "move", arguments)
    return await or_elsewhere(service, caller.tenant_id, booking.service_id, body, moved)


@router.post("/{booking_id}/cancel", response_model=BookingView)
async def cancel_booking(booking_id: UUID, body: ReasonBody, asked: AskingDep, caller: Booker) -> Response:
    """Gives the place back; customers can until it begins."""
    code = CancelCode.BY_CUSTOMER if as_customer(caller) else CancelCode.BY_STAFF
    return await ask_about(asked, caller, BOOKINGS, booking_id, "cancel", {"code": code}, reason=body.reason)


@router.post("/{booking_id}/check-in", response_model=BookingView)
async def check_booking_in(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that who was expected is there, from an hour before the start."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "check_in")


@router.post("/{booking_id}/complete", response_model=BookingView)
async def complete_booking(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that it is done; 409 `booking_not_begun` before its time."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "complete")


@router.post("/{booking_id}/no-show", response_model=BookingView)
async def mark_booking_no_show(booking_id: UUID, asked: AskingDep, caller: Worker) -> Response:
    """Says that nobody came; 409 `booking_not_begun` before its time."""
    return await ask_about(asked, caller, BOOKINGS, booking_id, "no_show")
