"""What is booked of a service's people around a time: what availability and booking decide on.

Who looks for slots reads a `Timetable`, with nothing in it but what is in the way; who books reads a `Diary`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.bookings import availability
from domain.bookings.availability import (
    LONGEST_BUFFER_MINUTES,
    LONGEST_MINUTES,
    Busy,
    MemberTerms,
    Occupied,
    ServiceTerms,
    Slot,
    Taken,
    occupied,
    reach,
)
from domain.calendar import BusinessCalendar, Window
from models.bookings import Appointment, Seat
from models.services import Service, TeamMember, TeamMemberService
from stores.tickets.door import default_calendar

_LONGEST = timedelta(minutes=LONGEST_MINUTES)
_BUFFER = timedelta(minutes=LONGEST_BUFFER_MINUTES)
_DAY = timedelta(days=1)

# Most appointments have one seat, and are there because it is taken.
_SEATS_TAKEN = sa.case(
    (col(Appointment.capacity) == 1, 1),
    else_=sa.select(sa.func.count())
    .select_from(Seat)
    .where(col(Seat.appointment_id) == col(Appointment.id))
    .scalar_subquery(),
)


_ALL_TAKEN = sa.select(
    *(col(Appointment.team_member_id), col(Appointment.service_id), col(Appointment.lane)),
    *(col(Appointment.starts_at), col(Appointment.ends_at)),
    *(col(Appointment.blocked_from), col(Appointment.blocked_until)),
    *(_SEATS_TAKEN, col(Appointment.capacity)),
)


def _epoch_seconds(at: Any) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.floor(sa.func.date_part("epoch", at)), sa.BigInteger)


_BUSY = sa.select(
    col(Appointment.team_member_id),
    col(Appointment.lane),
    sa.func.array_agg(_epoch_seconds(Appointment.blocked_from)),
    sa.func.array_agg(_epoch_seconds(Appointment.blocked_until)),
    sa.func.bool_or(col(Appointment.capacity) > 1),
).group_by(col(Appointment.team_member_id), col(Appointment.lane))


@dataclass(frozen=True)
class Diary:
    """A service, who may keep an appointment of it, and all that takes their time around some stretch of it."""

    service: Service
    terms: ServiceTerms
    members: tuple[MemberTerms, ...]
    taken: tuple[Taken, ...]
    day_counts: Counter[date]

    def slot_at(self, now: datetime, start: datetime) -> Slot:
        """The slot that starts then. Raises Refusal, as `place_at`."""
        taken = occupied(self.service.id, self.taken)
        return availability.place_at(self.terms, self.members, taken, self.day_counts, now, start)

    def load(self, start: datetime) -> Counter[UUID]:
        """How many bookings each member has on the service's day that holds this instant."""
        since, until = day_of(self.terms, start)
        load = Counter[UUID]()
        for one in self.taken:
            if since <= one.start < until:
                load[one.member_id] += one.seats_taken
        return load


@dataclass(frozen=True)
class Timetable:
    """A service, who may keep an appointment of it, and what is in the way of those that start in some stretch."""

    service: Service
    terms: ServiceTerms
    members: tuple[MemberTerms, ...]
    taken: Occupied
    day_counts: Counter[date]

    def slots(self, now: datetime, start: datetime, end: datetime) -> list[Slot]:
        """The slots that start in [start, end)."""
        return availability.slots(self.terms, self.members, self.taken, self.day_counts, now, start, end)


async def open_diary(
    session: AsyncSession, service: Service, start: datetime, end: datetime, member_id: UUID | None = None
) -> Diary:
    """What decides on the slots that start in [start, end): of one member, else of those who are booked without being
    named."""
    terms, members, counts = await _offer(session, service, start, end, member_id)
    in_the_way = _in_the_way(service, terms, members, start, end)
    taken: Iterable[Any] = await session.execute(_ALL_TAKEN.where(*in_the_way))
    return Diary(service, terms, members, tuple(Taken(*row) for row in taken), counts)


async def open_timetable(
    session: AsyncSession, service: Service, start: datetime, end: datetime, member_id: UUID | None = None
) -> Timetable:
    """As `open_diary`, for who only looks: an object for each appointment would take longer than all the rest."""
    terms, members, counts = await _offer(session, service, start, end, member_id)
    in_the_way = _in_the_way(service, terms, members, start, end)
    busy: defaultdict[UUID, list[Busy]] = defaultdict(list)
    shared = False
    for each, lane, since, until, is_shared in await session.execute(_BUSY.where(*in_the_way)):
        busy[each].append(Busy(lane, since, until))
        shared |= is_shared
    sessions: list[Taken] = []
    if shared:
        joinable = (col(Appointment.service_id) == service.id, col(Appointment.capacity) > 1)
        rows: Iterable[Any] = await session.execute(_ALL_TAKEN.where(*in_the_way, *joinable))
        sessions = [Taken(*row) for row in rows]
    return Timetable(service, terms, members, Occupied(busy, sessions), counts)


async def _offer(
    session: AsyncSession, service: Service, start: datetime, end: datetime, member_id: UUID | None
) -> tuple[ServiceTerms, tuple[MemberTerms, ...], Counter[date]]:
    """How the service is booked, by whom it is kept, and how many of its sessions begin on a day, where that counts."""
    holidays = await default_calendar(session, service.tenant_id) if service.observes_holidays else None
    terms = terms_of(service, dict(holidays.holidays) if holidays else {})
    members = tuple(_member_terms(each) for each in await _members(session, service, member_id))
    counts = await _day_counts(session, service, terms, start, end) if service.daily_cap else Counter[date]()
    return terms, members, counts


def terms_of(service: Service, holidays: dict[date, str]) -> ServiceTerms:
    """How a service is booked, by its row. Raises Refusal `service_terms_invalid`, and as BusinessCalendar."""
    return ServiceTerms(
        duration_minutes=service.duration_minutes,
        hours=calendar_of(service.timezone, service.windows).observing(holidays),
        slot_minutes=service.slot_minutes,
        capacity=service.capacity,
        min_notice_minutes=service.min_notice_minutes,
        max_advance_days=service.max_advance_days,
        daily_cap=service.daily_cap,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        blackouts=frozenset(service.blackouts),
    )


def calendar_of(timezone: str, windows: Iterable[dict[str, Any]]) -> BusinessCalendar:
    """Hours as they are stored. Raises Refusal, as BusinessCalendar."""
    return BusinessCalendar(timezone, tuple(Window(**window) for window in windows))


def _member_terms(member: TeamMember) -> MemberTerms:
    return MemberTerms(
        id=member.id,
        hours=calendar_of(member.timezone, member.windows),
        days_off=frozenset(member.days_off),
        max_concurrent=member.max_concurrent,
        buffer_minutes=member.buffer_minutes,
    )


async def _members(session: AsyncSession, service: Service, member_id: UUID | None) -> Sequence[TeamMember]:
    serving = sa.select(col(TeamMemberService.team_member_id)).where(col(TeamMemberService.service_id) == service.id)
    query = sa.select(TeamMember).where(
        col(TeamMember.tenant_id) == service.tenant_id, col(TeamMember.id).in_(serving), col(TeamMember.active)
    )
    query = query.where(col(TeamMember.id) == member_id if member_id else col(TeamMember.auto_assign))
    return list(await session.scalars(query))


def _in_the_way(
    service: Service, terms: ServiceTerms, members: Sequence[MemberTerms], start: datetime, end: datetime
) -> tuple[sa.ColumnElement[bool], ...]:
    """Which appointments take these members' time around what starts in [start, end)."""
    since, until = reach(terms, members, start, end)
    return (
        col(Appointment.tenant_id) == service.tenant_id,
        col(Appointment.team_member_id).in_([each.id for each in members]),
        col(Appointment.blocked_until) > since,
        col(Appointment.blocked_from) < until,
        # Which follows from that, and row security lets an index answer it.
        col(Appointment.starts_at) > since - _LONGEST - _BUFFER,
        col(Appointment.starts_at) < until + _BUFFER,
    )


async def _day_counts(
    session: AsyncSession, service: Service, terms: ServiceTerms, start: datetime, end: datetime
) -> Counter[date]:
    query = sa.select(col(Appointment.starts_at)).where(
        col(Appointment.tenant_id) == service.tenant_id,
        col(Appointment.service_id) == service.id,
        col(Appointment.starts_at) >= start - _DAY,
        col(Appointment.starts_at) < end + _DAY,
    )
    return Counter(terms.hours.local(begins).date() for begins in await session.scalars(query))


def day_of(terms: ServiceTerms, at: datetime) -> tuple[datetime, datetime]:
    """The service's local day (UTC, half-open) that holds an instant."""
    day = terms.hours.local(at).date()
    return terms.hours.midnight(day), terms.hours.midnight(day + _DAY)
