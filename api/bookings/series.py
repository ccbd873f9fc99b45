"""Series of bookings: making and reading them, and calling them off."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlmodel import col

from api.bookings.recurring import open_series
from api.bookings.series_schemas import CancelSeriesBody, SeriesBody, SeriesView, SkippedView
from api.bookings.views import BOOKING_SERIES
from api.cases.commands import AskingAnewDep, AskingDep, ask_about
from api.cases.reading import add_list, add_reading
from api.http.openapi import MAY_WAIT
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.bookings.series import SeriesStatus
from domain.people.permissions import Permission
from models.bookings import SkippedOccurrence

router = Router(prefix="/booking-series", tags=["bookings"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Booker = Annotated[Caller, Depends(needs(Permission.BOOKINGS_BOOK))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=SeriesView, dependencies=OPENING, responses=MAY_WAIT)
async def book_series(body: SeriesBody, asked: AskingAnewDep, caller: Booker) -> Response:
    """Books what recurs: all places at once, with the same person where that one is free. Times that cannot be booked
    are skipped and listed, or, with `on_conflict` fail, there is no series: 409 `series_conflict`."""
    return await open_series(asked, caller, body)


add_list(router, BOOKING_SERIES, Permission.BOOKINGS_READ, SeriesView, SeriesStatus)
add_reading(router, BOOKING_SERIES, Permission.BOOKINGS_READ, SeriesView, "series_id")


@router.get("/{series_id}/skipped")
async def list_skipped_bookings(
    series_id: UUID, caller: Reader, service: Service, paging: PagingDep
) -> Page[SkippedView]:
    """The times of a series at which nothing could be booked, the first of them first."""
    query = sa.select(SkippedOccurrence).where(
        col(SkippedOccurrence.tenant_id) == caller.tenant_id, col(SkippedOccurrence.series_id) == series_id
    )
    order = order_of("position", {"position": SkippedOccurrence.position}, SkippedOccurrence.id)
    async with service.database.transaction(caller.tenant_id) as session:
        await BOOKING_SERIES.find(session, caller, series_id)
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[SkippedView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("/{series_id}/cancel", response_model=SeriesView)
async def cancel_booking_series(series_id: UUID, body: CancelSeriesBody, asked: AskingDep, caller: Booker) -> Response:
    """Calls off a series, or what of it comes from some booking on; what has begun stays as it is."""
    arguments = {"from_position": body.from_position}
    return await ask_about(asked, caller, BOOKING_SERIES, series_id, "cancel", arguments, reason=body.reason)
