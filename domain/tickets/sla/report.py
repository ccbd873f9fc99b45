"""What people read about a ticket's clocks: figures, segments, and a sentence that says why a deadline is where it is.

Times in a sentence are the calendar's local ones. A day within six of today goes by its weekday, a farther one by its
date as well. Names are written out here: those of `strftime` depend on the machine.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypedDict

from domain.calendar import BusinessCalendar
from domain.tickets.sla.clock import Clock, ClockState
from domain.tickets.sla.clocks import Clocks
from domain.tickets.sla.policy import ClockKind, Policy

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMED = 3
"""How many days or holidays a sentence names before it sums them up."""

ReportedSegment = TypedDict("ReportedSegment", {"from": datetime, "to": datetime, "counted_minutes": int, "why": str})


@dataclass(frozen=True, slots=True)
class ClockReport:
    """One clock as it reads at an instant. Minutes are open minutes, begun ones left out; instants are UTC.

    The segments include the stretch that still runs, and their minutes add up to `consumed_minutes`.
    """

    clock: ClockKind
    run: int
    state: ClockState
    target_minutes: int | None
    consumed_minutes: int
    due_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    met_at: datetime | None
    segments: tuple[ReportedSegment, ...]
    sentence: str


def report(clocks: Clocks, policy: Policy, calendar: BusinessCalendar, now: datetime) -> list[ClockReport]:
    """One report per kind: first response, next response, resolution."""
    return [
        _not_started(kind, policy) if (clock := clocks.of(kind)) is None else _started(clock, calendar, now)
        for kind in ClockKind
    ]


def _not_started(kind: ClockKind, policy: Policy) -> ClockReport:
    promised = any(targets.seconds(kind) for targets in policy.targets.values())
    sentence = (
        "Not started: it starts when the customer replies to an answer."
        if promised
        else "Not started: the policy promises no next response."
    )
    return ClockReport(kind, 0, ClockState.NOT_STARTED, None, 0, None, None, None, None, (), sentence)


def _started(clock: Clock, calendar: BusinessCalendar, now: datetime) -> ClockReport:
    segments: list[ReportedSegment] = []
    seconds = 0
    for from_at, to_at, counted, why in _stretches(clock, calendar, now):
        # Differences of the running total, so that the minutes of short segments are not lost to rounding.
        minutes = (seconds + counted) // 60 - seconds // 60
        segments.append({"from": from_at, "to": to_at, "counted_minutes": minutes, "why": why})
        seconds += counted
    return ClockReport(
        clock=clock.kind,
        run=clock.run,
        state=clock.state,
        target_minutes=clock.target_seconds // 60,
        consumed_minutes=seconds // 60,
        due_at=clock.due_at,
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        met_at=clock.met_at,
        segments=tuple(segments),
        sentence=_Sentence(clock, calendar, now).text(),
    )


def _stretches(
    clock: Clock, calendar: BusinessCalendar, now: datetime
) -> Iterator[tuple[datetime, datetime, int, str]]:
    for segment in clock.segments:
        yield segment.from_at, segment.to_at, segment.counted_seconds, segment.why
    if clock.running_since is not None:
        yield clock.running_since, now, calendar.open_seconds(clock.running_since, now), clock.why


@dataclass(frozen=True, slots=True)
class _Sentence:
    clock: Clock
    calendar: BusinessCalendar
    now: datetime

    def text(self) -> str:
        clock = self.clock
        target = clock.target_seconds // 60
        consumed = clock.consumed(self.now, self.calendar) // 60
        if clock.judged and clock.due_at is not None:
            return f"{self._breached(clock.due_at)}: {self._why_then(target)}."
        if clock.stopped_at is not None:
            return f"Met {self._time(clock.stopped_at)} ({clock.why}): {consumed} of {_minutes(target)} used."
        if clock.due_at is None:
            since = f"since {self._time(clock.paused_at)} " if clock.paused_at else ""
            left = max(0, target - consumed)
            return f"Paused {since}({self._reason()}): {consumed} of {_minutes(target)} used, {left} left."
        verb = "Due" if clock.due_at > self.now else "Was due"
        return f"{verb} {self._time(clock.due_at)}: {self._why_then(target)}."

    def _breached(self, at: datetime) -> str:
        clock = self.clock
        over = (clock.consumed_seconds - (clock.breached_after_seconds or 0)) // 60
        if clock.stopped_at is not None:
            return f"Breached {self._time(at)}, {clock.why} {self._time(clock.stopped_at)}, {_minutes(over)} late"
        if clock.paused_at is not None:
            since = self._time(clock.paused_at)
            return f"Breached {self._time(at)}, paused since {since} ({self._reason()}), {_minutes(over)} late"
        ago = self.calendar.open_seconds(at, self.now) // 60
        return f"Breached {self._time(at)}, {_minutes(ago)} ago in opening hours"

    def _why_then(self, target: int) -> str:
        """Why the deadline is where it is: the target, what was used when, the pauses, and the days between."""
        parts = [_minutes(target), self._used(), *self._pauses(), *self._closures()]
        if self.calendar.always_open:
            parts.append("counted round the clock")
        return ", ".join(parts)

    def _used(self) -> str:
        days: Counter[date] = Counter()
        for from_at, to_at, counted, _ in _stretches(self.clock, self.calendar, self.now):
            for day, seconds in self._by_day(from_at, to_at, counted):
                days[day] += seconds
        consumed = self.clock.consumed(self.now, self.calendar)
        if consumed < 60:
            return "none used yet"
        total = 0
        by_day: list[tuple[int, str]] = []
        for day, seconds in sorted(days.items()):
            minutes = (total + seconds) // 60 - total // 60
            total += seconds
            if minutes:
                by_day.append((minutes, self._day(day)))
        # Time that was counted with another calendar cannot always be spread over its days.
        if len(by_day) > _NAMED or total != consumed:
            return f"{consumed // 60} used since {by_day[0][1] if by_day else self._day(min(days))}"
        return _listed([f"{minutes}{'' if n else ' used'} on {day}" for n, (minutes, day) in enumerate(by_day)])

    def _by_day(self, from_at: datetime, to_at: datetime, counted: int) -> Iterator[tuple[date, int]]:
        first, last = self.calendar.local(from_at).date(), self.calendar.local(to_at).date()
        if first == last:
            yield first, counted
            return
        for day in _days(first, last):
            begins = max(from_at, self.calendar.midnight(day))
            ends = min(to_at, self.calendar.midnight(day + timedelta(days=1)))
            yield day, self.calendar.open_seconds(begins, ends)

    def _pauses(self) -> Iterator[str]:
        stretches = list(_stretches(self.clock, self.calendar, self.now))
        gaps = [(one[1], two[0]) for one, two in pairwise(stretches) if one[1] < two[0]]
        if gaps:
            times = f"{len(gaps)} times, last " if len(gaps) > 1 else ""
            yield f"paused {times}from {self._time(gaps[-1][0])} to {self._time(gaps[-1][1])}"

    def _closures(self) -> Iterator[str]:
        """The shut days from the beginning of the last unbroken stretch to the deadline."""
        start: datetime | None = None
        ended: datetime | None = None
        for from_at, to_at, _, _ in _stretches(self.clock, self.calendar, self.now):
            if ended != from_at:
                start = from_at
            ended = to_at
        if start is None or self.clock.due_at is None:
            return
        days = _days(self.calendar.local(start).date(), self.calendar.local(self.clock.due_at).date())
        closed = [shut for shut in map(self.calendar.why_closed, days) if shut is not None]
        holidays = [shut for shut in closed if shut.holiday is not None]
        if len(holidays) > _NAMED:
            yield f"{len(holidays)} days are holidays"
        else:
            for shut in holidays:
                yield f"{self._day(shut.day)} is a holiday ({_plain(shut.holiday or '')})"
        weekdays = Counter(shut.day.weekday() for shut in closed if shut.holiday is None)
        if weekdays:
            plural = "s" if max(weekdays.values()) > 1 else ""
            yield "closed on " + _listed([_WEEKDAYS[day] + plural for day in sorted(weekdays)])

    def _reason(self) -> str:
        return self.clock.why.replace("_", " ")

    def _time(self, at: datetime) -> str:
        local = self.calendar.local(at)
        return f"{self._day(local.date(), short=True)} {local:%H:%M}"

    def _day(self, day: date, short: bool = False) -> str:
        today = self.calendar.local(self.now).date()
        name = _WEEKDAYS[day.weekday()]
        if abs((day - today).days) <= 6:
            return name[:3] if short else name
        year = "" if day.year == today.year else f" {day.year}"
        return f"{name[:3]} {day.day} {_MONTHS[day.month - 1]}{year}"


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _minutes(count: int) -> str:
    return f"{count} minute" if count == 1 else f"{count} minutes"


def _plain(name: str) -> str:
    """A holiday's name without brackets of its own: it is about to stand in brackets."""
    return name.replace(" (", ", ").replace(")", "")
