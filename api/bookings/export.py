"""Bookings as a spreadsheet reads them, a piece at a time, however many there are.

A cell that begins as a formula does is defused: spreadsheets would run what a customer typed (OWASP, CSV injection).
"""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends
from fastapi.responses import StreamingResponse
from sqlmodel import col

from api.bookings.wanted import Wanted
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.bookings import Booking
from models.people import Customer
from models.services import Service, TeamMember

AT_ONCE = 500
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS: dict[str, Any] = {
    "number": Booking.number,
    "status": Booking.status,
    "type": Booking.type,
    "service": Service.name,
    "team_member": TeamMember.name,
    "customer": Customer.name,
    "email": Customer.email,
    "starts_at": Booking.starts_at,
    "ends_at": Booking.ends_at,
    "currency": Booking.currency,
    "total": Booking.total,
    "notes": Booking.notes,
}

router = Router(prefix="/bookings", tags=["bookings"])


@router.get(
    "/export.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_bookings(
    caller: Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))],
    service: Annotated[Services, Depends(services)],
    wanted: Annotated[Wanted, Depends()],
) -> StreamingResponse:
    """The bookings that the list would show, oldest first: times in UTC, amounts in minor units."""
    headers = {"Content-Disposition": 'attachment; filename="bookings.csv"'}
    return StreamingResponse(_pieces(service, caller, wanted), media_type="text/csv", headers=headers)


async def _pieces(service: Services, caller: Caller, wanted: Wanted) -> AsyncIterator[str]:
    yield _written([list(_COLUMNS)])
    last = UUID(int=0)
    while True:
        found = wanted.of(caller).where(col(Booking.id) > last).order_by(col(Booking.id)).limit(AT_ONCE)
        ids = found.with_only_columns(col(Booking.id)).subquery()
        query = (
            sa.select(col(Booking.id), *(col(each) for each in _COLUMNS.values()))
            .join(Service, col(Service.id) == col(Booking.service_id))
            .join(Customer, col(Customer.id) == col(Booking.customer_id))
            .join(TeamMember, col(TeamMember.id) == col(Booking.team_member_id), isouter=True)
            .where(col(Booking.id).in_(sa.select(ids.c.id)))
            .order_by(col(Booking.id))
        )
        async with service.database.transaction(caller.tenant_id) as session:
            rows = (await session.execute(query)).all()
        if rows:
            yield _written([_cell(value) for value in row[1:]] for row in rows)
            last = rows[-1][0]
        if len(rows) < AT_ONCE:
            return


def _cell(value: Any) -> str:
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_RUNS) else text


def _written(rows: Any) -> str:
    page = StringIO()
    csv.writer(page).writerows(rows)
    return page.getvalue()
