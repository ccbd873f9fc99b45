"""Which bookings a list or an export is of."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from sqlmodel import col

from api.bookings.views import BOOKINGS
from api.http.hours import Moment
from api.http.paging import order_of, sorts_by
from api.http.search import contains
from api.identity.callers import Caller
from domain.bookings.rules import BookingStatus, BookingType
from models.bookings import Booking
from models.people import Customer


class Wanted:
    """The filters and the order that a request asks for, as a dependency. Raises 422 `sort_unknown`."""

    def __init__(
        self,
        status: Annotated[list[BookingStatus] | None, Query()] = None,
        type_: Annotated[list[BookingType] | None, Query(alias="type")] = None,
        service_id: UUID | None = None,
        team_member_id: UUID | None = None,
        customer_id: UUID | None = None,
        series_id: UUID | None = None,
        since: Annotated[Moment | None, Query(alias="from", description="Starting then or later")] = None,
        until: Annotated[Moment | None, Query(alias="to", description="Starting before")] = None,
        q: Annotated[
            str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a number or a customer")
        ] = None,
        sort: Annotated[str, sorts_by("created_at", "updated_at", "starts_at", "number")] = "-created_at",
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
