"""Slots worked out the slow way: every minute is looked at, and read off the clock on the wall."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.bookings.availability import MemberTerms, Place, ServiceTerms, Slot, Taken
from domain.calendar import BusinessCalendar, Window

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
EVERY_DAY = tuple(Window(weekday, 0, 0) for weekday in range(7))


class Wall:
    """The clock of a zone, read every minute of some days (UTC)."""

    def __init__(self, zone: str, first: datetime, days: int) -> None:
        self.first = first
        ticks = (first + n * MINUTE for n in range(days * 1440))
        self.reads = [tick.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for tick in ticks]
        self.latest = list(accumulate(self.reads, max))

    def edge(self, day: date, minute: int) -> int:
        """The first minute at which the clock is as far: the change's where it skips, the first where it repeats."""
        return bisect_left(self.latest, datetime(day.year, day.month, day.day) + minute * MINUTE)  # noqa: DTZ001


wall = cache(Wall)


class Opening:
    """Which minutes are open, and which of them are on the grid."""

    def __init__(
        self, hours: BusinessCalendar, closed: Collection[date], grid: int, first: datetime, days: int
    ) -> None:
        self.wall = clock = wall(hours.timezone, first, days)
        self.open = bytearray(len(clock.reads))
        self.on_grid = bytearray(len(clock.reads))
        shut = set(closed) | (set() if hours.always_open else {day for day, _ in hours.holidays})
        for day in sorted({read.date() for read in clock.reads} - shut):
            for window in EVERY_DAY if hours.always_open else hours.windows:
                if window.weekday == day.weekday():
                    until = 1440 if day + DAY in shut and window.ends > 1440 else window.ends
                    for minute in range(clock.edge(day, window.opens), clock.edge(day, until)):
                        since = clock.reads[minute] - datetime(day.year, day.month, day.day)  # noqa: DTZ001
                        self.open[minute] = 1
                        self.on_grid[minute] = (since // MINUTE - window.opens) % grid == 0


def slots(
    service_id: UUID,
    service: ServiceTerms,
    members: Collection[MemberTerms],
    taken: Iterable[Taken],
    day_counts: Mapping[date, int],
    now: datetime,
    start: datetime,
    end: datetime,
) -> list[Slot]:
    """As `domain.bookings.availability.slots`, for a start at midnight UTC and an end some days later."""
    first, days = start - 2 * DAY, (end - start).days + 4 + service.duration_minutes // 1440
    opening = Opening(service.hours, service.blackouts, service.grid_minutes, first, days)
    works = {one.id: Opening(one.hours, one.days_off, 1440, first, days).open for one in members}
    today = now.astimezone(ZoneInfo(service.hours.timezone)).date()
    found = []
    for minute in range(2 * 1440, 2 * 1440 + (end - start) // MINUTE):
        begins, local = first + minute * MINUTE, opening.wall.reads[minute]
        ends = begins + service.duration_minutes * MINUTE
        if (
            opening.on_grid[minute]
            and all(opening.open[minute : minute + service.duration_minutes])
            and begins >= now + service.min_notice_minutes * MINUTE
            and local.date() <= today + service.max_advance_days * DAY
        ):
            full = service.daily_cap is not None and day_counts.get(local.date(), 0) >= service.daily_cap
            places = []
            for member in sorted(members, key=lambda member: member.id):
                if all(works[member.id][minute : minute + service.duration_minutes]):
                    theirs = [one for one in taken if one.member_id == member.id]
                    place = join(service_id, theirs, begins, ends)
                    if place is None and not full:
                        place = begin(service, member, theirs, begins, ends)
                    places += [place] if place else []
            if places:
                found.append(Slot(begins.astimezone(UTC), ends.astimezone(UTC), tuple(places)))
    return found


def join(service_id: UUID, theirs: Iterable[Taken], begins: datetime, ends: datetime) -> Place | None:
    same = [one for one in theirs if (one.service_id, one.start, one.end) == (service_id, begins, ends)]
    for one in sorted(same, key=lambda one: one.lane):
        if one.seats_taken < one.capacity:
            return Place(one.member_id, one.lane, one.capacity - one.seats_taken, True)
    return None


def begin(
    service: ServiceTerms, member: MemberTerms, theirs: Iterable[Taken], begins: datetime, ends: datetime
) -> Place | None:
    blocked_from = begins - max(service.buffer_before_minutes, member.buffer_minutes) * MINUTE
    blocked_until = ends + max(service.buffer_after_minutes, member.buffer_minutes) * MINUTE
    lanes = {one.lane for one in theirs if one.blocked_from < blocked_until and blocked_from < one.blocked_until}
    if len(lanes) >= member.max_concurrent:
        return None
    return Place(member.id, min(set(range(member.max_concurrent)) - lanes), service.capacity, False)
