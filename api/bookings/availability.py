"""When a service can be booked, and the nearest times instead of one that is taken."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.bookings.schemas import AvailabilityView, SlotView
from api.http.hours import Moment
from api.http.problems import field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.bookings.availability import Slot, nearest
from domain.bookings.pricing import price
from domain.people.permissions import Permission
from models.database import Database
from models.services import Service
from stores.bookings.diary import Timetable, open_timetable
from stores.bookings.prices import terms_of_price

MOST_DAYS = 62
_LOOK_AROUND = timedelta(days=7)
_LOOK_FAR = timedelta(days=31)

router = Router(prefix="/availability", tags=["bookings"])

ServiceDep = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]


class Asked:
    """Which slots are asked for: of which service, from when until when, on the clocks of which zone, with whom."""

    def __init__(
        self,
        service_id: UUID,
        since: Annotated[Moment | None, Query(alias="from", description="Now when left out")] = None,
        until: Annotated[
            Moment | None, Query(alias="to", description=f"At most {MOST_DAYS} days later; a week when left out")
        ] = None,
        tz: Annotated[str | None, Query(max_length=64, description="The service's own zone when left out")] = None,
        team_member_id: UUID | None = None,
    ) -> None:
        since = since or datetime.now(UTC)
        until = until or since + _LOOK_AROUND
        if not since < until or until - since > timedelta(days=MOST_DAYS):
            raise field_error("to", "range_invalid", f"The end lies after the start, at most {MOST_DAYS} days.")
        self.service_id, self.since, self.until = service_id, since, until
        self.zone, self.team_member_id = _zone(tz), team_member_id


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # what zoneinfo raises for absent, malformed and overlong names
        raise field_error("tz", "timezone_unknown", "There is no timezone of this name.") from None


@router.get("", response_model=AvailabilityView)
async def list_slots(asked: Annotated[Asked, Depends()], caller: Reader, service: ServiceDep) -> Response:
    """The times at which a service can be booked, in order."""
    return await available(service.database, caller.tenant_id, asked)


async def available(database: Database, tenant_id: UUID, asked: Asked) -> Response:
    """The slots that are asked for, as an AvailabilityView. Raises 422 for a service that cannot be booked."""
    async with database.transaction(tenant_id) as session:
        service = await bookable(session, tenant_id, asked.service_id)
        timetable = await open_timetable(session, service, asked.since, asked.until, asked.team_member_id)
    # A second for two months of starts every five minutes, over many people.
    return Response(await asyncio.to_thread(_written, timetable, asked), media_type="application/json")


def _written(timetable: Timetable, asked: Asked) -> bytes:
    """An AvailabilityView: a model for each of the many slots would take longer than finding them."""
    found = timetable.slots(datetime.now(UTC), asked.since, asked.until)
    zone = asked.zone or ZoneInfo(timetable.service.timezone)
    slots = list(_slots_of(timetable, found, zone))
    return to_json({"timezone": zone.key, "currency": timetable.service.currency, "slots": slots})


async def bookable(session: AsyncSession, tenant_id: UUID, service_id: UUID) -> Service:
    """The service, if it can be booked. Raises 422 by its field."""
    service: Service | None = await session.scalar(
        sa.select(Service).where(
            col(Service.tenant_id) == tenant_id, col(Service.id) == service_id, col(Service.bookable)
        )
    )
    if service is None:
        raise field_error("service_id", "unknown", "There is no service with this id that can be booked.")
    return service


async def alternatives(
    session: AsyncSession, service: Service, wanted: datetime, now: datetime, team_member_id: UUID | None = None
) -> list[SlotView]:
    """The three free slots nearest to a time that is not free, with the same member where one was named."""
    zone = ZoneInfo(service.timezone)
    for around in (_LOOK_AROUND, _LOOK_FAR):
        since = max(min(wanted, now + timedelta(days=service.max_advance_days)) - around, now)
        timetable = await open_timetable(session, service, since, since + 2 * around, team_member_id)
        if found := nearest(timetable.slots(now, since, since + 2 * around), wanted):
            return [SlotView.model_validate(each) for each in _slots_of(timetable, found, zone)]
    return []


def _slots_of(timetable: Timetable, found: Iterable[Slot], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """The fields of a SlotView for each."""
    terms, own_zone = terms_of_price(timetable.service), ZoneInfo(timetable.service.timezone)
    prices: dict[tuple[int, time], int] = {}
    ids = {member.id: str(member.id) for member in timetable.members}
    for slot in found:
        own = slot.start.astimezone(own_zone)
        # All that a price goes by, and most days are alike.
        hour = (own.weekday(), own.time())
        if hour not in prices:
            prices[hour] = price(terms, own).total
        yield {
            "start": slot.start,
            "end": slot.end,
            "local_start": slot.start.astimezone(zone),
            "local_end": slot.end.astimezone(zone),
            "team_member_ids": [ids[place.member_id] for place in slot.places],
            "seats_left": sum(place.seats_left for place in slot.places),
            "price": prices[hour],
        }
