"""Takes places in people's time and gives them back, in the transaction of the step that wants it.

Whoever takes or gives back holds the rows of all people concerned until then, in the order of their ids: so what is
free stays free until it is taken. What the database refuses beyond that is a defect.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.bookings.availability import Place, Slot, Taken, buffers, pick_member
from domain.refusal import Refusal
from models.bookings import Appointment, Seat
from models.services import Service, TeamMember, TeamMemberService
from stores.bookings.diary import Diary, day_of, open_diary, terms_of


@dataclass(frozen=True)
class Seated:
    """Where a booking has its place (UTC)."""

    team_member_id: UUID
    starts_at: datetime
    ends_at: datetime


async def lock_service(session: AsyncSession, service_id: UUID, *members: UUID | None) -> Service:
    """The service, with everybody who serves it and these members, held until the transaction ends.

    Raises Refusal `service_unknown`.
    """
    service = await session.get(Service, service_id, with_for_update={"key_share": True})
    if service is None:
        raise Refusal("service_unknown", "There is no such service.")
    named = [each for each in members if each]
    serving = sa.select(col(TeamMemberService.team_member_id)).where(col(TeamMemberService.service_id) == service_id)
    query = (
        sa.select(col(TeamMember.id))
        .where(col(TeamMember.tenant_id) == service.tenant_id, col(TeamMember.id).in_(serving) | _among(named))
        .order_by(col(TeamMember.id))
        .with_for_update(key_share=True)
    )
    await session.execute(query)
    return service


def _among(members: Collection[UUID]) -> sa.ColumnElement[bool]:
    return col(TeamMember.id).in_(members) if members else sa.false()


async def take_seat(
    session: AsyncSession,
    service: Service,
    booking_id: UUID,
    start: datetime,
    now: datetime,
    *,
    member_id: UUID | None = None,
    prefer: UUID | None = None,
) -> Seated:
    """Gives a booking its place at this instant: with this member, else with whom it falls to. The service is held.

    Raises Refusal: as `place_at`; `member_unknown` for somebody who does not serve it.
    """
    seating = await Seating.open(session, service, start, start, now, member_id=member_id, prefer=prefer)
    seated = seating.take(booking_id, start)
    await seating.write()
    return seated


async def give_back(session: AsyncSession, booking_id: UUID) -> None:
    """Frees a booking's place, if it has one; an appointment that nobody has a seat in is gone. The service is held."""
    freed = sa.delete(Seat).where(col(Seat.booking_id) == booking_id).returning(col(Seat.appointment_id))
    appointment_id = await session.scalar(freed)
    if appointment_id is not None:
        seated = sa.exists().where(col(Seat.appointment_id) == appointment_id)
        await session.execute(sa.delete(Appointment).where(col(Appointment.id) == appointment_id, ~seated))


@dataclass
class Seating:
    """Gives places to any number of bookings of a service that is held, on one reading of what is taken: for each it
    looks only at what is near, however much there is."""

    session: AsyncSession
    diary: Diary
    now: datetime
    prefer: UUID | None
    _sessions: dict[tuple[UUID, int, datetime], Appointment]
    _numbers: defaultdict[UUID, set[int]]
    _new: list[Appointment | Seat] = field(default_factory=list)
    _taken: list[Taken] = field(init=False)
    _reach: timedelta = field(init=False)

    def __post_init__(self) -> None:
        self._taken = sorted(self.diary.taken, key=_start)
        longest = max((each.blocked_until - each.blocked_from for each in self._taken), default=timedelta(0))
        around = [before + after for before, after in (buffers(self.diary.terms, each) for each in self.diary.members)]
        own = timedelta(minutes=self.diary.terms.duration_minutes) + max(around, default=timedelta(0))
        self._reach = longest + own

    @classmethod
    async def open(
        cls,
        session: AsyncSession,
        service: Service,
        first: datetime,
        last: datetime,
        now: datetime,
        *,
        member_id: UUID | None = None,
        prefer: UUID | None = None,
    ) -> "Seating":
        """For starts from `first` to `last`, both included. Raises Refusal `member_unknown`."""
        terms = terms_of(service, {})
        since, until = day_of(terms, first)[0], day_of(terms, last)[1]
        diary = await open_diary(session, service, since, until, member_id)
        if member_id and not diary.members:
            raise Refusal("member_unknown", "This person does not do this service.")
        shared = service.capacity > 1
        sessions = await _sessions(session, service, since, until) if shared else []
        numbers = await _numbers(session, [each.id for each in sessions]) if sessions else defaultdict(set)
        by_place = {(each.team_member_id, each.lane, each.starts_at): each for each in sessions}
        return cls(session, diary, now, prefer, by_place, numbers)

    def take(self, booking_id: UUID, start: datetime) -> Seated:
        """Gives a booking its place at this instant. Raises Refusal, as `place_at`."""
        near = self._near(start)
        slot = near.slot_at(self.now, start)
        place = pick_member(slot, near.load(start), self.prefer)
        if place.session:
            appointment = self._sessions[place.member_id, place.lane, slot.start]
        else:
            appointment = self._appointment(slot, place)
        taken = self._numbers[appointment.id]
        number = next(each for each in range(1, appointment.capacity + 1) if each not in taken)
        taken.add(number)
        self._new.append(
            Seat(
                id=uuid7(),
                tenant_id=appointment.tenant_id,
                appointment_id=appointment.id,
                booking_id=booking_id,
                number=number,
                capacity=appointment.capacity,
            )
        )
        self._remember(appointment, len(taken))
        self.prefer = self.prefer or place.member_id
        return Seated(place.member_id, slot.start, slot.end)

    def _near(self, start: datetime) -> Diary:
        """The diary with what may be in the way of an appointment that starts then, and all of that day."""
        since, until = day_of(self.diary.terms, start)
        low = bisect_left(self._taken, min(since, start) - self._reach, key=_start)
        high = bisect_right(self._taken, max(until, start) + self._reach, low, key=_start)
        return replace(self.diary, taken=tuple(self._taken[low:high]))

    async def write(self) -> None:
        """Writes the places that were given; the bookings are written."""
        for kind in (Appointment, Seat):
            self.session.add_all(each for each in self._new if isinstance(each, kind))
            await self.session.flush()
        self._new.clear()

    def _appointment(self, slot: Slot, place: Place) -> Appointment:
        service = self.diary.service
        [member] = (each for each in self.diary.members if each.id == place.member_id)
        before, after = buffers(self.diary.terms, member)
        appointment = Appointment(
            id=uuid7(),
            tenant_id=service.tenant_id,
            service_id=service.id,
            team_member_id=member.id,
            lane=place.lane,
            starts_at=slot.start,
            ends_at=slot.end,
            blocked_from=slot.start - before,
            blocked_until=slot.end + after,
            capacity=service.capacity,
        )
        self._new.append(appointment)
        self._sessions[member.id, place.lane, slot.start] = appointment
        return appointment

    def _remember(self, appointment: Appointment, seats_taken: int) -> None:
        taken = Taken(
            member_id=appointment.team_member_id,
            service_id=appointment.service_id,
            lane=appointment.lane,
            start=appointment.starts_at,
            end=appointment.ends_at,
            blocked_from=appointment.blocked_from,
            blocked_until=appointment.blocked_until,
            seats_taken=seats_taken,
            capacity=appointment.capacity,
        )
        low = bisect_left(self._taken, taken.start, key=_start)
        for place in range(low, bisect_right(self._taken, taken.start, low, key=_start)):
            known = self._taken[place]
            if (known.member_id, known.lane) == (taken.member_id, taken.lane):
                self._taken[place] = taken
                return
        insort(self._taken, taken, low, key=_start)
        self.diary.day_counts[self.diary.terms.hours.local(taken.start).date()] += 1


def _start(taken: Taken) -> datetime:
    return taken.start


async def _sessions(session: AsyncSession, service: Service, since: datetime, until: datetime) -> Iterable[Appointment]:
    found = await session.scalars(
        sa.select(Appointment).where(
            col(Appointment.tenant_id) == service.tenant_id,
            col(Appointment.service_id) == service.id,
            col(Appointment.starts_at) >= since,
            col(Appointment.starts_at) < until + timedelta(seconds=1),
        )
    )
    return list(found)


async def _numbers(session: AsyncSession, appointments: Collection[UUID]) -> defaultdict[UUID, set[int]]:
    numbers: defaultdict[UUID, set[int]] = defaultdict(set)
    query = sa.select(col(Seat.appointment_id), col(Seat.number)).where(col(Seat.appointment_id).in_(appointments))
    for appointment_id, number in await session.execute(query):
        numbers[appointment_id].add(number)
    return numbers
