"""What a calendar would mean before it is kept: its next days, when examples would fall due, and whom it concerns."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.service_levels.changes import promised_by
from api.tickets.service_levels.routes import stored
from api.tickets.service_levels.schemas import (
    CalendarPreviewBody,
    CalendarPreviewView,
    DueExampleView,
    OpenStretchView,
    PreviewDayView,
)
from api.tickets.service_levels.terms import CALENDAR_FIELDS, definition
from domain.calendar import BusinessCalendar
from domain.people.permissions import Permission
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.policy import ClockKind
from models.sla import Calendar, SlaPolicy
from models.tickets import Ticket
from stores.tickets.service_levels import calendar_of, policy_of

router = Router(tags=["service levels"])

DAYS = 14
THURSDAY, HALF_PAST_THREE = 3, time(15, 30)
"""When the examples are opened: shortly before most houses close, and before many a weekend."""


@router.post("/calendars/preview")
async def preview_calendar(
    body: CalendarPreviewBody,
    caller: Annotated[Caller, Depends(needs(Permission.SETTINGS_WRITE))],
    service: Annotated[Services, Depends(services)],
) -> CalendarPreviewView:
    """What the calendar would mean; nothing changes. With `calendar_id` it is compared with that one as it is, and
    counted by the service levels that go by it; without, by the default one. Refused as the calendar would be."""
    wanted = calendar_of({name: stored(body)[name] for name in CALENDAR_FIELDS})
    async with service.database.transaction(caller.tenant_id) as session:
        now = await _as_it_is(session, body.calendar_id)
        which = col(SlaPolicy.calendar_id) == body.calendar_id if body.calendar_id else col(SlaPolicy.is_default)
        mine = (col(SlaPolicy.tenant_id) == caller.tenant_id, which)
        policies = (await session.scalars(sa.select(SlaPolicy).where(*mine).order_by(col(SlaPolicy.name)))).all()
        concerned = await _open_tickets(session, caller, policies) if body.calendar_id else 0
    today = wanted.local(datetime.now(UTC)).date()
    days = [_day(wanted, today + timedelta(days=number)) for number in range(DAYS)]
    examples = [example for policy in policies for example in _examples(policy, wanted, now, today)]
    return CalendarPreviewView(days=days, examples=examples, open_tickets=concerned)


async def _as_it_is(session: AsyncSession, calendar_id: UUID | None) -> BusinessCalendar | None:
    if calendar_id is None:
        return None
    calendar = await session.get(Calendar, calendar_id)
    if calendar is None:
        raise field_error("calendar_id", "unknown", "There is no calendar with this id.")
    return calendar_of(definition(calendar))


async def _open_tickets(session: AsyncSession, caller: Caller, policies: Sequence[SlaPolicy]) -> int:
    """How many tickets would compute their deadlines anew."""
    counted = sa.select(sa.func.count()).where(
        col(Ticket.tenant_id) == caller.tenant_id,
        col(Ticket.version) > 0,
        col(Ticket.status) != TicketStatus.CLOSED,
        sa.or_(sa.false(), *(promised_by(policy) for policy in policies)),
    )
    return (await session.scalars(counted)).one()


def _day(calendar: BusinessCalendar, day: date) -> PreviewDayView:
    begins_at, ends_at = calendar.midnight(day), calendar.midnight(day + timedelta(days=1))
    closed = calendar.why_closed(day)
    return PreviewDayView(
        day=day,
        begins_at=begins_at,
        ends_at=ends_at,
        open_minutes=calendar.open_seconds(begins_at, ends_at) // 60,
        stretches=[
            OpenStretchView(opens_at=opens_at, closes_at=closes_at)
            for opens_at, closes_at in calendar.open_intervals(begins_at, ends_at)
        ],
        holiday=closed.holiday if closed else None,
    )


def _examples(
    policy: SlaPolicy, wanted: BusinessCalendar, now: BusinessCalendar | None, today: date
) -> Iterator[DueExampleView]:
    """When a high one would fall due that is opened on the next Thursday afternoon."""
    thursday = today + timedelta(days=(THURSDAY - today.weekday()) % 7)
    opened_at = wanted.midnight(thursday) + (
        datetime.combine(thursday, HALF_PAST_THREE) - datetime.combine(thursday, time())
    )
    targets = policy_of(definition(policy)).targets[TicketPriority.HIGH]
    for clock in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION):
        seconds = targets.seconds(clock) or 0
        yield DueExampleView(
            policy=policy.name,
            priority=TicketPriority.HIGH,
            clock=clock,
            opened_at=opened_at,
            due_at=wanted.add_open_seconds(opened_at, seconds),
            due_at_before=now.add_open_seconds(opened_at, seconds) if now else None,
        )
