"""When a booking is repeated: the part of RFC 5545's rules (3.3.10, 3.8.5.3) that bookings take.

Daily, weekly or monthly, every so many, by days of the week, which for months may be the first or the last but one;
until a moment or a date, so often, or without end. What else a rule may say is refused. It is read on the local clock
of the service, so an appointment at nine stays at nine when clocks change. A local time that is skipped is taken with
the offset before the change (3.3.5), so 02:30 is 03:30; one that is repeated is the first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from domain.refusal import Refusal

LONGEST_TEXT = 200
MOST_TIMES = 500
LONGEST_INTERVAL = 366
LAST = datetime(2500, 1, 1, tzinfo=UTC)
"""Nothing recurs after it."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


_FREQUENCIES: dict[Frequency, Literal[1, 2, 3]] = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
}

_DAY = rf"(?:[+-]?[1-5])?(?:{'|'.join(WEEKDAYS)})"
_PARTS = {
    "FREQ": "|".join(Frequency),
    "INTERVAL": "[0-9]{1,3}",
    "COUNT": "[0-9]{1,3}",
    "UNTIL": "[12][0-9]{7}(?:T[0-9]{6}Z)?",
    "BYDAY": rf"{_DAY}(?:,{_DAY})*",
    "WKST": "|".join(WEEKDAYS),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule that has been read.

    `days` are (ordinal, weekday from 0, Monday): the ordinal is 0 for each of them, 1 for the month's first, -1 for its
    last. `until` is an instant (UTC) or the last local date. `week_start` matters where every so many weeks are taken.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    days: tuple[tuple[int, int], ...] = ()
    week_start: int = 0

    @property
    def open_ended(self) -> bool:
        return self.count is None and self.until is None

    def __str__(self) -> str:
        """As RFC 5545 writes it, so that it is read again as the same."""
        parts = [f"FREQ={self.frequency}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        parts += [f"COUNT={self.count}"] if self.count is not None else []
        if self.until is not None:
            parts.append(f"UNTIL={self.until:{'%Y%m%dT%H%M%SZ' if isinstance(self.until, datetime) else '%Y%m%d'}}")
        if self.days:
            parts.append("BYDAY=" + ",".join(f"{ordinal or ''}{WEEKDAYS[weekday]}" for ordinal, weekday in self.days))
        parts += [f"WKST={WEEKDAYS[self.week_start]}"] if self.week_start else []
        return ";".join(parts)


def read(text: str) -> Rule:
    """A rule as RFC 5545 writes it, with or without `RRULE:` before it. Raises Refusal `recurrence_invalid`."""
    if len(text) > LONGEST_TEXT or not text.isascii():
        raise _invalid(f"A recurrence rule has {LONGEST_TEXT} characters at most, all of them ASCII.")
    parts: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or name in parts:
            raise _invalid(f"A recurrence rule is made of {', '.join(_PARTS)}, each once at most.")
        if not re.fullmatch(_PARTS[name], value):
            raise _invalid(f"This is no {name} that bookings can recur by.")
        parts[name] = value
    if "FREQ" not in parts:
        raise _invalid("A recurrence rule needs FREQ: DAILY, WEEKLY or MONTHLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _invalid("A recurrence rule ends by COUNT or by UNTIL, not by both.")
    frequency = Frequency(parts["FREQ"])
    days = tuple(dict.fromkeys(_day(day) for day in parts["BYDAY"].split(","))) if "BYDAY" in parts else ()
    if frequency is not Frequency.MONTHLY and any(ordinal for ordinal, _ in days):
        raise _invalid("Only months have a first or a last of their weekdays.")
    return Rule(
        frequency=frequency,
        interval=_number(parts.get("INTERVAL", "1"), "INTERVAL", LONGEST_INTERVAL),
        count=_number(parts["COUNT"], "COUNT", MOST_TIMES) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        days=days,
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
    )


def occurrences(
    rule: Rule, start: datetime, timezone: str, after: datetime | None, until: datetime, limit: int
) -> list[datetime]:
    """The instants (UTC, in order) after `after` and not after `until` at which a series recurs: `limit` at most.

    `start` is the first of the series, and COUNT counts from it whatever is asked for. Without `after` it begins with
    `start`. Raises Refusal `recurrence_invalid` for a start that is not on the rule itself, of which RFC 5545 leaves
    open what recurs.
    """
    zone = ZoneInfo(timezone)
    start = start.astimezone(UTC)
    local = start.astimezone(zone).replace(tzinfo=None)
    ends_before = rule.until is not None and _is_past(rule.until, start, local)
    if not _fits(rule, local) or ends_before or start >= LAST:
        raise _invalid("The first appointment is not one of those that the recurrence rule names.")
    found: list[datetime] = []
    last = min(until, LAST)
    for at in _instants(rule, start, local, zone):
        if at > last or len(found) >= limit:
            break
        if after is None or at > after:
            found.append(at)
    return found


def _instants(rule: Rule, start: datetime, local: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    before: datetime | None = None
    for reads in _local_times(rule, local):
        # The start may be the second of two equal local times, which no other occurrence is.
        at = start if before is None else reads.replace(tzinfo=zone).astimezone(UTC)
        if rule.until is not None and _is_past(rule.until, at, reads):
            return
        # A date that a zone leaves out falls on the next one, and is not meant twice.
        if before is None or at > before:
            yield at
            before = at


def _local_times(rule: Rule, local: datetime) -> Iterator[datetime]:
    ordinals = any(ordinal for ordinal, _ in rule.days)
    days: list[rrule.weekday] = []
    for ordinal, weekday in rule.days:
        # dateutil takes weekdays with ordinals and without as what must both be so; the RFC means either.
        for nth in (ordinal,) if ordinal or not ordinals else range(1, 6):
            days.append(rrule.weekday(weekday, nth or None))
    return iter(
        rrule.rrule(
            _FREQUENCIES[rule.frequency],
            dtstart=local,
            interval=rule.interval,
            wkst=rule.week_start,
            count=rule.count,
            byweekday=days or None,
        )
    )


def _fits(rule: Rule, local: datetime) -> bool:
    """Whether a start is on its rule. dateutil would look for the first that is for seven thousand years."""
    if local.microsecond:
        return False
    first, last = (local.day - 1) // 7 + 1, -1
    while (local - timedelta(days=7 * last)).month == local.month:
        last -= 1
    return not rule.days or any((ordinal, local.weekday()) in rule.days for ordinal in (0, first, last))


def _is_past(until: datetime | date, at: datetime, local: datetime) -> bool:
    return at > until if isinstance(until, datetime) else local.date() > until


def _day(text: str) -> tuple[int, int]:
    return int(text[:-2] or 0), WEEKDAYS.index(text[-2:])


def _number(text: str, name: str, most: int) -> int:
    if not 1 <= int(text) <= most:
        raise _invalid(f"{name} of a recurrence rule lies between 1 and {most}.")
    return int(text)


def _until(text: str) -> datetime | date:
    try:
        if len(text) == 8:
            return date.fromisoformat(text)
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _invalid("UNTIL of a recurrence rule is no date that there is.") from None


def _invalid(sentence: str) -> Refusal:
    return Refusal("recurrence_invalid", sentence)
