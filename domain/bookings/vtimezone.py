"""A zone's clock as calendars are told it: iCalendar's VTIMEZONE (RFC 5545, 3.6.5).

Outlook reads nothing of it but one yearly rule for each way that clocks change (MS-STANOICAL 2.2.47), so where a zone
keeps to such rules it is written by them. Where it does not, as in Morocco over Ramadan, each change is written by
itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from dateutil import rrule
from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from domain.bookings.recurrence import WEEKDAYS

YEARS_AHEAD = 12
"""How long a rule must hold to be one. In twelve years the last Sunday is once the fourth, once the fifth."""

_DAY = timedelta(days=1)
_EARLY = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time, as RFC 5545 wants it here


@dataclass(frozen=True, slots=True)
class _Change:
    """Clocks turn when they read `local` by the offset from UTC that they have `before`."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str


@dataclass(frozen=True, slots=True)
class _Yearly:
    """What changes of several years have in common, with the weekday counted from one end of the month."""

    month: int
    weekday: int
    nth: int
    time: tuple[int, int, int]
    before: timedelta
    after: timedelta
    name: str

    @classmethod
    def of(cls, change: _Change, from_end: bool) -> Self:
        at = change.local
        nth = (at.day - 1) // 7 + 1
        if from_end:
            nth = -1
            while (at - 7 * nth * _DAY).month == at.month:
                nth -= 1
        time = (at.hour, at.minute, at.second)
        return cls(at.month, at.weekday(), nth, time, change.before, change.after, change.name)


def write(zone: str, first: datetime, last: datetime) -> Timezone:
    """The zone (IANA name) as it is between two instants, and beyond them where its rules stay the same."""
    return _write(zone, first.astimezone(UTC).year, last.astimezone(UTC).year)


@lru_cache(maxsize=256)
def _write(zone: str, first: int, last: int) -> Timezone:
    component = Timezone()
    component.add("TZID", zone)
    clock = ZoneInfo(zone)
    if rules := _rules(clock, first, last + YEARS_AHEAD):
        for rule in rules:
            component.add_component(_recurring(rule))
    else:
        begins = datetime(first - 1, 1, 1, tzinfo=UTC)
        offset, name = _offset(begins, clock), begins.astimezone(clock).tzname() or zone
        component.add_component(_observance(_Change((begins + offset).replace(tzinfo=None), offset, offset, name)))
        for change in _changes(clock, first - 1, last + 1):
            component.add_component(_observance(change))
    return component


def _rules(zone: ZoneInfo, first: int, last: int) -> list[_Yearly]:
    """The two rules that clocks change by in each of these years, or none."""
    changes = list(_changes(zone, first, last))
    if len(changes) != 2 * (last - first + 1):
        return []
    for ends in ((True, True), (False, True), (True, False), (False, False)):
        found = [{_Yearly.of(change, end) for change in changes[way::2]} for way, end in enumerate(ends)]
        if all(len(rules) == 1 for rules in found):
            return [rule for rules in found for rule in rules]
    return []


def _changes(zone: ZoneInfo, first: int, last: int) -> Iterator[_Change]:
    """Every change of the clock from the beginning of one year to the end of another (UTC)."""
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while at < end:
        if _offset(at, zone) != _offset(at + _DAY, zone):
            earlier, later = at, at + _DAY
            while later - earlier > timedelta(seconds=1):
                middle = earlier + (later - earlier) // 2
                middle = middle.replace(microsecond=0)
                earlier, later = (middle, later) if _offset(middle, zone) == _offset(at, zone) else (earlier, middle)
            before, after = _offset(earlier, zone), _offset(later, zone)
            name = later.astimezone(zone).tzname() or zone.key
            yield _Change((later + before).replace(tzinfo=None), before, after, name)
        at += _DAY


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _recurring(rule: _Yearly) -> TimezoneStandard | TimezoneDaylight:
    weekday = rrule.weekday(rule.weekday, rule.nth)
    begins = rrule.rrule(
        rrule.YEARLY, _EARLY, bymonth=rule.month, byweekday=weekday, count=1, byhour=rule.time[0], byminute=rule.time[1]
    )[0]
    observance = _observance(_Change(begins.replace(second=rule.time[2]), rule.before, rule.after, rule.name))
    day = f"{rule.nth}{WEEKDAYS[rule.weekday]}"
    observance.add("RRULE", vRecur({"FREQ": "YEARLY", "BYMONTH": rule.month, "BYDAY": day}))
    return observance


def _observance(change: _Change) -> TimezoneStandard | TimezoneDaylight:
    """Named by which way clocks turn, not by what the zone calls it: in Ireland's law the winter is the exception."""
    observance = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    observance.add("DTSTART", change.local)
    observance.add("TZOFFSETFROM", change.before)
    observance.add("TZOFFSETTO", change.after)
    observance.add("TZNAME", change.name)
    return observance
