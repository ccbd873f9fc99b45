"""Why a clock's deadline is where it is: what there is to say, as codes and values, and how a language puts it.

Moments are instants (UTC) that are told in the calendar's local time; a day within six of today goes by its weekday, a
farther one by its date as well. English names are written out here: those of `strftime` depend on the machine.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from domain.calendar import BusinessCalendar
from domain.tickets.sla.clock import Clock

ENGLISH = {
    "not_started": "Not started: it starts when the customer replies to an answer.",
    "not_promised": "Not started: the policy promises no next response.",
    "met": "Met %(at)s (%(why)s): %(used)d of %(target)s used.",
    "paused": "Paused (%(why)s): %(used)d of %(target)s used, %(left)d left.",
    "paused_since": "Paused since %(since)s (%(why)s): %(used)d of %(target)s used, %(left)d left.",
    "due": "Due %(at)s: %(because)s.",
    "was_due": "Was due %(at)s: %(because)s.",
    "breached": "Breached %(at)s, %(ago)s ago in opening hours: %(because)s.",
    "breached_paused": "Breached %(at)s, paused since %(since)s (%(why)s), %(over)s late: %(because)s.",
    "breached_stopped": "Breached %(at)s, %(why)s %(stopped)s, %(over)s late: %(because)s.",
    "promised": "%(target)s",
    "none_used": "none used yet",
    "used_since": "%(used)d used since %(day)s",
    "used_on": "%(used)d used on %(day)s",
    "used_also_on": "%(used)d on %(day)s",
    "paused_between": "paused from %(from)s to %(to)s",
    "paused_often": "paused %(times)d times, last from %(from)s to %(to)s",
    "holidays": "%(days)d days are holidays",
    "holiday": "%(day)s is a holiday (%(name)s)",
    "closed": "closed on %(weekdays)s",
    "round_the_clock": "counted round the clock",
}
"""What can be said, by its code, and how it is said in English."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMED = 3
"""How many days or holidays a sentence names before it sums them up."""

Stretch = tuple[datetime, datetime, int, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """Something to say: a code of `ENGLISH`, its values by name, and for a whole sentence the `because` of it.

    Values: `at`, `since`, `stopped`, `from`, `to` are instants, `day` is a date, `why` the word of a status or event,
    `used`, `target`, `left`, `over`, `ago` are open minutes, `weekdays` numbers from Monday (0), each with whether it
    comes more than once.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    because: tuple["Saying", ...] = ()


class Words(Protocol):
    """How a language says it: the text of a code, and a value by its name."""

    def text(self, code: str) -> str: ...

    def value(self, name: str, value: Any) -> Any: ...

    def listed(self, words: Sequence[str]) -> str: ...


def sentence(saying: Saying, words: Words) -> str:
    """What there is to say, in the words of a language."""
    values = {name: words.value(name, value) for name, value in saying.values.items()}
    if saying.because:
        values["because"] = ", ".join(_grouped(saying.because, words))
    return words.text(saying.code) % values


def _grouped(sayings: Sequence[Saying], words: Words) -> Iterator[str]:
    """The days on which time was used are one part of the sentence."""
    used = [sentence(each, words) for each in sayings if each.code in ("used_on", "used_also_on")]
    for each in sayings:
        if each.code == "used_on":
            yield words.listed(used)
        elif each.code != "used_also_on":
            yield sentence(each, words)


@dataclass(frozen=True, slots=True)
class English:
    """English words, of times as a calendar has them now."""

    calendar: BusinessCalendar
    now: datetime

    def text(self, code: str) -> str:
        """What a code says."""
        return ENGLISH[code]

    def value(self, name: str, value: Any) -> Any:
        """A value as it is said."""
        match name:
            case "at" | "since" | "stopped" | "from" | "to":
                local = self.calendar.local(value)
                return f"{self._day(local.date(), short=True)} {local:%H:%M}"
            case "day":
                return self._day(value)
            case "target" | "over" | "ago":
                return f"{value} minute" if value == 1 else f"{value} minutes"
            case "why":
                return value.replace("_", " ")
            case "weekdays":
                plural = "s" if any(often for _, often in value) else ""
                return self.listed([_WEEKDAYS[day] + plural for day, _ in value])
        return value

    def listed(self, words: Sequence[str]) -> str:
        """Several as one."""
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

    def _day(self, day: date, short: bool = False) -> str:
        today = self.calendar.local(self.now).date()
        name = _WEEKDAYS[day.weekday()]
        if abs((day - today).days) <= 6:
            return name[:3] if short else name
        year = "" if day.year == today.year else f" {day.year}"
        return f"{name[:3]} {day.day} {_MONTHS[day.month - 1]}{year}"


def stretches(clock: Clock, calendar: BusinessCalendar, now: datetime) -> Iterator[Stretch]:
    """The stretches in which a clock ran, with the open seconds that were counted and why it ran; the one that still
    runs ends now."""
    for segment in clock.segments:
        yield segment.from_at, segment.to_at, segment.counted_seconds, segment.why
    if clock.running_since is not None:
        yield clock.running_since, now, calendar.open_seconds(clock.running_since, now), clock.why


def explain(clock: Clock, calendar: BusinessCalendar, now: datetime) -> Saying:
    """Why the clock's deadline is where it is, or how it ended."""
    return _Explanation(clock, calendar, now).saying()


@dataclass(frozen=True, slots=True)
class _Explanation:
    clock: Clock
    calendar: BusinessCalendar
    now: datetime

    def saying(self) -> Saying:
        clock = self.clock
        target = clock.target_seconds // 60
        used = clock.consumed(self.now, self.calendar) // 60
        if clock.judged and clock.due_at is not None:
            return self._breached(clock.due_at)
        if clock.stopped_at is not None:
            return Saying("met", {"at": clock.stopped_at, "why": clock.why, "used": used, "target": target})
        if clock.due_at is None:
            since = {"since": clock.paused_at} if clock.paused_at else {}
            stands = {"why": clock.why, "used": used, "target": target, "left": max(0, target - used)}
            return Saying("paused_since" if since else "paused", since | stands)
        return Saying("due" if clock.due_at > self.now else "was_due", {"at": clock.due_at}, self._because())

    def _breached(self, at: datetime) -> Saying:
        clock = self.clock
        over = (clock.consumed_seconds - (clock.breached_after_seconds or 0)) // 60
        late = {"at": at, "why": clock.why, "over": over}
        if clock.stopped_at is not None:
            return Saying("breached_stopped", {**late, "stopped": clock.stopped_at}, self._because())
        if clock.paused_at is not None:
            return Saying("breached_paused", {**late, "since": clock.paused_at}, self._because())
        ago = self.calendar.open_seconds(at, self.now) // 60
        return Saying("breached", {"at": at, "ago": ago}, self._because())

    def _because(self) -> tuple[Saying, ...]:
        """The target, what was used when, the pauses, and the days between."""
        promised = Saying("promised", {"target": self.clock.target_seconds // 60})
        always = [Saying("round_the_clock")] if self.calendar.always_open else []
        return (promised, *self._used(), *self._pauses(), *self._closures(), *always)

    def _used(self) -> Iterator[Saying]:
        days: Counter[date] = Counter()
        for from_at, to_at, counted, _ in stretches(self.clock, self.calendar, self.now):
            for day, seconds in self._by_day(from_at, to_at, counted):
                days[day] += seconds
        consumed = self.clock.consumed(self.now, self.calendar)
        if consumed < 60:
            yield Saying("none_used")
            return
        total = 0
        by_day: list[tuple[int, date]] = []
        for day, seconds in sorted(days.items()):
            minutes = (total + seconds) // 60 - total // 60
            total += seconds
            if minutes:
                by_day.append((minutes, day))
        # Time that was counted with another calendar cannot always be spread over its days.
        if len(by_day) > _NAMED or total != consumed:
            yield Saying("used_since", {"used": consumed // 60, "day": by_day[0][1] if by_day else min(days)})
            return
        for place, (minutes, day) in enumerate(by_day):
            yield Saying("used_also_on" if place else "used_on", {"used": minutes, "day": day})

    def _by_day(self, from_at: datetime, to_at: datetime, counted: int) -> Iterator[tuple[date, int]]:
        first, last = self.calendar.local(from_at).date(), self.calendar.local(to_at).date()
        if first == last:
            yield first, counted
            return
        for day in _days(first, last):
            begins = max(from_at, self.calendar.midnight(day))
            ends = min(to_at, self.calendar.midnight(day + timedelta(days=1)))
            yield day, self.calendar.open_seconds(begins, ends)

    def _pauses(self) -> Iterator[Saying]:
        ran = list(stretches(self.clock, self.calendar, self.now))
        gaps = [(one[1], two[0]) for one, two in pairwise(ran) if one[1] < two[0]]
        if gaps:
            last = {"from": gaps[-1][0], "to": gaps[-1][1]}
            yield Saying("paused_often", {"times": len(gaps), **last}) if gaps[1:] else Saying("paused_between", last)

    def _closures(self) -> Iterator[Saying]:
        """The shut days from the beginning of the last unbroken stretch to the deadline."""
        start: datetime | None = None
        ended: datetime | None = None
        for from_at, to_at, _, _ in stretches(self.clock, self.calendar, self.now):
            if ended != from_at:
                start = from_at
            ended = to_at
        if start is None or self.clock.due_at is None:
            return
        days = _days(self.calendar.local(start).date(), self.calendar.local(self.clock.due_at).date())
        closed = [shut for shut in map(self.calendar.why_closed, days) if shut is not None]
        holidays = [shut for shut in closed if shut.holiday is not None]
        if len(holidays) > _NAMED:
            yield Saying("holidays", {"days": len(holidays)})
        else:
            for shut in holidays:
                yield Saying("holiday", {"day": shut.day, "name": _plain(shut.holiday or "")})
        weekdays = Counter(shut.day.weekday() for shut in closed if shut.holiday is None)
        if weekdays:
            often = [[day, times > 1] for day, times in sorted(weekdays.items())]
            yield Saying("closed", {"weekdays": often})


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _plain(name: str) -> str:
    """A holiday's name without brackets of its own: it is about to stand in brackets."""
    return name.replace(" (", ", ").replace(")", "")
