"""Which slots a service has, and whether one of them can be booked.

Both questions are answered by `slots`: to book is to ask for the slots of one instant. So no slot is offered that a
booking would refuse, and none is withheld that it would take.

A slot is an instant at which an appointment may start. It lies on the service's grid, and the whole appointment lies in
the opening hours of the service and of a member. Its length is time that really passes, also on the days on which
clocks change. Around the appointment its member's lane is blocked for the buffers, which need not lie in opening hours.
A member has as many lanes as appointments at once, and what is blocked in a lane never overlaps.

Bookings of one service, member and start share one session until its seats are taken. Instants that go in are aware and
are taken to the whole second; those that come out are UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from domain.calendar import BusinessCalendar
from domain.refusal import Refusal

SHORTEST_MINUTES = 5
"""The shortest appointment, and the closest that starts may lie to each other."""
LONGEST_MINUTES = 7 * 1440
MOST_SEATS = 10_000
MOST_AT_ONCE = 100
LONGEST_ADVANCE_DAYS = 3650
LONGEST_NOTICE_MINUTES = LONGEST_ADVANCE_DAYS * 1440
LONGEST_BUFFER_MINUTES = 1440

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """How a service can be booked. Days are local dates of the zone of its hours, which observe the tenant's holidays.

    `slot_minutes` is how far starts lie apart on the local clock, from the opening of each window of the hours; without
    it, as long as the appointment. `daily_cap` counts sessions that begin on a day. Raises Refusal
    `service_terms_invalid`.
    """

    duration_minutes: int
    hours: BusinessCalendar
    slot_minutes: int | None = None
    capacity: int = 1
    min_notice_minutes: int = 0
    max_advance_days: int = 365
    daily_cap: int | None = None
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    blackouts: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("duration", self.duration_minutes, SHORTEST_MINUTES, LONGEST_MINUTES),
            ("distance between starts", self.grid_minutes, SHORTEST_MINUTES, LONGEST_MINUTES),
            ("capacity", self.capacity, 1, MOST_SEATS),
            ("notice", self.min_notice_minutes, 0, LONGEST_NOTICE_MINUTES),
            ("advance", self.max_advance_days, 0, LONGEST_ADVANCE_DAYS),
            ("buffer before", self.buffer_before_minutes, 0, LONGEST_BUFFER_MINUTES),
            ("buffer after", self.buffer_after_minutes, 0, LONGEST_BUFFER_MINUTES),
        ):
            if not least <= value <= most:
                raise Refusal("service_terms_invalid", f"A service's {name} lies between {least} and {most}.")
        if self.daily_cap is not None and self.daily_cap < 0:
            raise Refusal("service_terms_invalid", "A service's daily cap is not below zero.")

    @property
    def grid_minutes(self) -> int:
        return self.duration_minutes if self.slot_minutes is None else self.slot_minutes


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """When a member of the team can be booked: hours in a zone of their own, which observe the tenant's holidays, and
    days off as local dates of that zone.

    Raises Refusal `member_terms_invalid`.
    """

    id: UUID
    hours: BusinessCalendar
    days_off: frozenset[date] = frozenset()
    max_concurrent: int = 1
    buffer_minutes: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.max_concurrent <= MOST_AT_ONCE:
            raise Refusal("member_terms_invalid", f"A member has 1 to {MOST_AT_ONCE} appointments at once.")
        if not 0 <= self.buffer_minutes <= LONGEST_BUFFER_MINUTES:
            raise Refusal("member_terms_invalid", f"A member's buffer is 0 to {LONGEST_BUFFER_MINUTES} minutes long.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A session that is booked or held, of any service: the appointment itself, and with buffers what it blocks."""

    member_id: UUID
    service_id: UUID
    lane: int
    start: datetime
    end: datetime
    blocked_from: datetime
    blocked_until: datetime
    seats_taken: int = 1
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Busy:
    """Stretches of a member's lane that are blocked, [from, until) in epoch seconds, in any order."""

    lane: int
    blocked_from: Sequence[int]
    blocked_until: Sequence[int]


@dataclass(frozen=True, slots=True)
class Occupied:
    """All that is taken, as the search for slots of a service reads it: by member what is blocked, and the sessions of
    this service that others may join."""

    busy: Mapping[UUID, Sequence[Busy]]
    sessions: Sequence[Taken] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking can go: a lane of a member, with how many seats left; `session` when it joins one that exists."""

    member_id: UUID
    lane: int
    seats_left: int
    session: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """An appointment that can be booked (UTC), with one place for each member who is free, by the member's id."""

    start: datetime
    end: datetime
    places: tuple[Place, ...]


def buffers(service: ServiceTerms, member: MemberTerms) -> tuple[timedelta, timedelta]:
    """What is blocked before and after an appointment: of the service's and the member's the longer."""
    before = max(service.buffer_before_minutes, member.buffer_minutes)
    after = max(service.buffer_after_minutes, member.buffer_minutes)
    return timedelta(minutes=before), timedelta(minutes=after)


def reach(
    service: ServiceTerms, members: Iterable[MemberTerms], start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """What appointments that start in [start, end) could block, from when until when: all of `taken` that matters to
    `slots` blocks some of it."""
    around = [buffers(service, member) for member in members]
    before = max((before for before, _ in around), default=timedelta(0))
    after = max((after for _, after in around), default=timedelta(0))
    return start - before, end + timedelta(minutes=service.duration_minutes) + after


def occupied(service_id: UUID, taken: Iterable[Taken]) -> Occupied:
    """What is taken, of whatever services, as the search for slots of this service reads it."""
    busy: dict[UUID, list[Busy]] = {}
    sessions = []
    for one in taken:
        stretch = Busy(one.lane, (_seconds(one.blocked_from),), (_seconds(one.blocked_until),))
        busy.setdefault(one.member_id, []).append(stretch)
        if one.service_id == service_id and one.seats_taken < one.capacity:
            sessions.append(one)
    return Occupied(busy, sessions)


def slots(
    service: ServiceTerms,
    members: Iterable[MemberTerms],
    taken: Occupied,
    day_counts: Mapping[date, int],
    now: datetime,
    start: datetime,
    end: datetime,
) -> list[Slot]:
    """The slots that start in [start, end), in order.

    `members` are those who serve the service; `taken` is all that blocks one of them within `reach`, whatever service
    it is of; `day_counts` says how many sessions of this service begin on a local date. A booking that is moved is left
    out of both by the caller.
    """
    first, last = _bookable(service, now)
    starts = _starts(service, max(start, first), min(end, last))
    if not starts:
        return []
    free = _places(service, members, taken, starts, _full_days(service, day_counts, starts))
    length = timedelta(minutes=service.duration_minutes)
    return [Slot(begin, begin + length, tuple(places)) for begin, places in zip(starts, free, strict=True) if places]


def place_at(
    service: ServiceTerms,
    members: Iterable[MemberTerms],
    taken: Occupied,
    day_counts: Mapping[date, int],
    now: datetime,
    start: datetime,
) -> Slot:
    """The slot that starts at an instant.

    Raises Refusal when there is none, with the first of these that is so: `slot_in_past`, `too_soon`, `too_far_ahead`,
    `blackout`, `slot_outside_hours` (of the service, or it is a holiday), `slot_off_grid`, `member_away` (nobody who
    serves it works then), `day_full`, `slot_taken`.
    """
    members = list(members)
    _refuse_moment(service, now, start)
    found = slots(service, members, taken, day_counts, now, start, start + timedelta(seconds=1))
    if found and found[0].start == start:
        return found[0]
    raise _why_not(service, members, day_counts, start)


def pick_member(slot: Slot, load: Mapping[UUID, int], prefer: UUID | None = None) -> Place:
    """The place that a booking takes when nobody is named.

    `prefer` comes first, such as who has had a series so far. Then sessions that have begun to fill, so that seats fill
    up before another session is opened. Then who has the fewest bookings that day (`load`, none when not in it); of
    equals the lowest id.
    """
    return min(
        slot.places,
        key=lambda place: (place.member_id != prefer, not place.session, load.get(place.member_id, 0), place.member_id),
    )


def nearest(found: Iterable[Slot], wanted: datetime, n: int = 3) -> list[Slot]:
    """The slots nearest to an instant, the nearest first, of equals the earlier."""
    return sorted(found, key=lambda slot: (abs(slot.start - wanted), slot.start))[:n]


def _bookable(service: ServiceTerms, now: datetime) -> tuple[datetime, datetime]:
    """[first, last) of the starts that notice and advance allow; the last day that can be booked counts whole."""
    last_day = service.hours.local(now).date() + timedelta(days=service.max_advance_days)
    return now + timedelta(minutes=service.min_notice_minutes), service.hours.midnight(last_day + timedelta(days=1))


def _starts(service: ServiceTerms, first: datetime, last: datetime) -> list[datetime]:
    """The instants in [first, last) that are on the grid and whose appointment lies in the service's hours."""
    if first >= last:
        return []
    hours = service.hours.shut_on(service.blackouts)
    grid = list(hours.grid(first, last, service.grid_minutes))
    length = service.duration_minutes * _MINUTE
    return [grid[index] for index in _within(hours, list(map(_seconds, grid)), length)]


def _within(hours: BusinessCalendar, starts: Sequence[int], length: int) -> list[int]:
    """Which of the starts (epoch seconds, in order) begin an appointment of `length` seconds that lies in the hours."""
    if not starts:
        return []
    found: list[int] = []
    for opens, closes in hours.open_intervals(_instant(starts[0]), _instant(starts[-1] + length)):
        low = bisect_left(starts, _seconds(opens))
        found.extend(range(low, bisect_right(starts, _seconds(closes) - length, low)))
    return found


def _full_days(service: ServiceTerms, day_counts: Mapping[date, int], starts: Sequence[datetime]) -> list[bool]:
    """For each start, whether no further session may begin on its day."""
    if service.daily_cap is None:
        return [False] * len(starts)
    full = {day for day, count in day_counts.items() if count >= service.daily_cap}
    if service.daily_cap == 0:
        return [True] * len(starts)
    return [service.hours.local(start).date() in full for start in starts]


def _places(
    service: ServiceTerms,
    members: Iterable[MemberTerms],
    taken: Occupied,
    begins: Sequence[datetime],
    full: Sequence[bool],
) -> list[list[Place]]:
    """For each start the places that are free."""
    starts = [_seconds(begin) for begin in begins]
    length = service.duration_minutes * _MINUTE
    sessions = _sessions(taken.sessions, length)
    working: dict[tuple[BusinessCalendar, frozenset[date]], list[int]] = {}
    places: list[list[Place]] = [[] for _ in starts]
    for member in sorted(members, key=lambda member: member.id):
        terms = (member.hours, member.days_off)
        if terms not in working:
            working[terms] = _within(member.hours.shut_on(member.days_off), starts, length)
        lanes = _lanes(service, member, taken.busy.get(member.id, ()), starts)
        to_join = sessions.get(member.id)
        fresh = Place(member.id, 0, service.capacity, session=False)
        for index in working[terms]:
            if to_join and (session := to_join.get(starts[index])):
                places[index].append(session)
            elif not full[index]:
                if not (occupied := lanes[index]):
                    places[index].append(fresh)
                # A lane above the number of appointments at once, of before that was lowered, takes one of them too.
                elif occupied.bit_count() < member.max_concurrent:
                    lane = next(lane for lane in range(member.max_concurrent) if not occupied >> lane & 1)
                    places[index].append(Place(member.id, lane, service.capacity, session=False))
    return places


def _lanes(service: ServiceTerms, member: MemberTerms, busy: Iterable[Busy], starts: Sequence[int]) -> list[int]:
    """For each start the lanes, as bits, in which something overlaps what the appointment would block."""
    before, after = (buffer // timedelta(seconds=1) for buffer in buffers(service, member))
    blocks = service.duration_minutes * _MINUTE + after
    occupied = [0] * len(starts)
    for one in busy:
        lane = 1 << one.lane
        for since, until in zip(one.blocked_from, one.blocked_until, strict=True):
            low = bisect_right(starts, since - blocks)
            for index in range(low, bisect_left(starts, until + before, low)):
                occupied[index] |= lane
    return occupied


def _sessions(joinable: Iterable[Taken], length: int) -> dict[UUID, dict[int, Place]]:
    """By member and start (epoch seconds) the sessions that have a seat; of two the one in the lower lane.

    One of another length, from before the service's duration changed, is not what the slot promises.
    """
    found: dict[UUID, dict[int, Place]] = {}
    for one in joinable:
        start, seats_left = _seconds(one.start), one.capacity - one.seats_taken
        if seats_left > 0 and _seconds(one.end) - start == length:
            theirs = found.setdefault(one.member_id, {})
            if start not in theirs or one.lane < theirs[start].lane:
                theirs[start] = Place(one.member_id, one.lane, seats_left, session=True)
    return found


def _refuse_moment(service: ServiceTerms, now: datetime, start: datetime) -> None:
    first, last = _bookable(service, now)
    if start < now:
        raise Refusal("slot_in_past", "This time has passed.")
    if start < first:
        raise Refusal("too_soon", f"This service is booked at least {service.min_notice_minutes} minutes ahead.")
    if start >= last:
        raise Refusal("too_far_ahead", f"This service is booked at most {service.max_advance_days} days ahead.")


def _why_not(
    service: ServiceTerms, members: Iterable[MemberTerms], day_counts: Mapping[date, int], start: datetime
) -> Refusal:
    """Names the reason why an instant, which notice and advance allow, is no slot."""
    day, length = service.hours.local(start).date(), service.duration_minutes * _MINUTE
    second = _seconds(start)
    if not _within(service.hours.shut_on(service.blackouts), [second], length):
        if day in service.blackouts:
            return Refusal("blackout", "This service is not given on that day.")
        return Refusal("slot_outside_hours", "This appointment does not lie in the opening hours.")
    if _starts(service, start, start + timedelta(seconds=1)) != [start]:
        return Refusal("slot_off_grid", "No appointment of this service begins at that time.")
    if not any(_within(member.hours.shut_on(member.days_off), [second], length) for member in members):
        return Refusal("member_away", "Nobody who could keep this appointment works then.")
    if any(_full_days(service, day_counts, [start])):
        return Refusal("day_full", "No more appointments of this service are made on that day.")
    return Refusal("slot_taken", "This time is taken.")


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("an instant needs a timezone")
    return int(at.timestamp() // 1)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
