"""When a company is open: weekly windows in a timezone, holidays, or round the clock.

Every instant that goes in or comes out is aware; what comes out is UTC. Instants are taken to the whole second below,
so that consecutive stretches always add up. Edges of windows are local times, and each local time stands for one
instant: a time that the spring change skips is the moment of the change, a time that autumn repeats is its first
occurrence. Between two edges the seconds that really pass are counted.

A holiday shuts its local date from midnight to midnight: windows that begin on it do not open at all, not even their
part after midnight, and a window that began the evening before is cut at midnight. A calendar that is always open
ignores windows and holidays.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from domain.refusal import Refusal

MINUTES_A_DAY = 1440
SEARCH_DAYS = 3653
"""How far ahead an opening is looked for: ten years."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """Opening hours that begin on one weekday (0 is Monday), in local minutes of the day.

    `closes` at or before `opens` means over midnight, so equal ones are 24 hours; 1440 is the midnight that ends the
    day. Raises Refusal `calendar_invalid` for a value out of range.
    """

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise Refusal("calendar_invalid", "A weekday is a number from 0 (Monday) to 6 (Sunday).")
        if not (0 <= self.opens < MINUTES_A_DAY and 0 <= self.closes <= MINUTES_A_DAY):
            raise Refusal("calendar_invalid", "Opening hours lie between 00:00 and 24:00.")

    @property
    def ends(self) -> int:
        """Minutes from the midnight that begins the window's day; above 1440 when it runs over midnight."""
        return self.closes if self.closes > self.opens else self.closes + MINUTES_A_DAY


_EVERY_DAY = tuple(Window(weekday, 0, MINUTES_A_DAY) for weekday in range(7))


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A local date without a minute of opening: the holiday's name, or None when it has no opening hours."""

    day: date
    holiday: str | None


@dataclass(frozen=True)
class BusinessCalendar:
    """A timezone (IANA name), weekly windows that do not overlap, and holidays as (local date, name).

    Raises Refusal `timezone_unknown`, `windows_overlap`, or `calendar_never_open` when it has no window at all.
    """

    timezone: str
    windows: tuple[Window, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
    always_open: bool = False

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):  # what zoneinfo raises for absent, malformed and overlong names
            raise Refusal("timezone_unknown", f"There is no timezone named {self.timezone[:60]!r}.") from None
        if self.always_open:
            return
        if not self.windows:
            raise Refusal("calendar_never_open", "This calendar has no opening hours.")
        _refuse_overlaps(self.windows)

    def observing(self, holidays: Mapping[date, str]) -> "BusinessCalendar":
        """The same hours with these holidays (local date -> name) instead of its own."""
        return replace(self, holidays=tuple(sorted(holidays.items())))

    def shut_on(self, days: Collection[date]) -> "BusinessCalendar":
        """The same hours, shut on these local dates too, as on holidays; what is always open is shut on these only."""
        if not days:
            return self
        named = tuple(sorted((dict.fromkeys(days, "") | self._holiday_names).items()))
        windows = _EVERY_DAY if self.always_open else self.windows
        return replace(self, windows=windows, holidays=named, always_open=False)

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The opening times between two instants: half-open UTC intervals in order, those that touch merged."""
        merged: tuple[int, int] | None = None
        for opens, closes in self._spans(_seconds(start), _seconds(end)):
            if merged is not None and opens <= merged[1]:
                merged = (merged[0], closes)
                continue
            if merged is not None:
                yield _instant(merged[0]), _instant(merged[1])
            merged = (opens, closes)
        if merged is not None:
            yield _instant(merged[0]), _instant(merged[1])

    def grid(self, start: datetime, end: datetime, minutes: int) -> Iterator[datetime]:
        """The instants (UTC) in [start, end) that are open and lie on a grid: so many minutes apart on the local clock,
        counted from the opening of each window, or from midnight where it is always open.

        A local time that is skipped gives no instant, one that is repeated gives both.
        """
        first, last = (_seconds(at + _SECOND - timedelta.resolution) for at in (start, end))
        step = minutes * 60
        for opens, closes, day, minute in self._openings(first, last):
            origin = (day.toordinal() - _EPOCH.toordinal()) * 86_400 + minute * 60
            for begins, ends, offset in self._steady(opens, closes):
                for second in range(begins + (origin - offset - begins) % step, ends, step):
                    yield _instant(second)

    def open_seconds(self, start: datetime, end: datetime) -> int:
        """Seconds of opening that really pass between two instants; 0 when `end` is not after `start`."""
        return sum(closes - opens for opens, closes in self._spans(_seconds(start), _seconds(end)))

    def add_open_seconds(self, start: datetime, seconds: int) -> datetime:
        """The first instant (UTC) at which `seconds` of opening have passed since `start`.

        It may be exactly a closing time. Nothing to add while shut gives the next opening. Raises Refusal
        `calendar_never_open` when ten years do not hold that much opening, ValueError for negative seconds.
        """
        if seconds < 0:
            raise ValueError("open seconds are added, never taken away")
        first = _seconds(start)
        if self.always_open:
            return _instant(first + seconds)
        left = seconds
        for opens, closes in self._spans(first, first + SEARCH_DAYS * 86_400):
            if left <= closes - opens:
                return _instant(opens + left)
            left -= closes - opens
        raise Refusal("calendar_never_open", "This calendar is not open long enough within the next ten years.")

    def is_open(self, at: datetime) -> bool:
        """A closing time is already shut."""
        second = _seconds(at)
        return next(self._spans(second, second + 1), None) is not None

    def why_closed(self, day: date) -> ClosedDay | None:
        """Why a local date is shut all day; None when any part of it is open."""
        opened = next(self._spans(_edge(self._zone, day, 0), _edge(self._zone, day, MINUTES_A_DAY)), None)
        return ClosedDay(day, self._holiday_names.get(day)) if opened is None else None

    def local(self, at: datetime) -> datetime:
        """The instant as the calendar's own clock reads it."""
        return at.astimezone(self._zone)

    def midnight(self, day: date) -> datetime:
        """The instant (UTC) at which a local date begins."""
        return _instant(_edge(self._zone, day, 0))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _holiday_names(self) -> dict[date, str]:
        return {} if self.always_open else dict(self.holidays)

    @cached_property
    def _by_weekday(self) -> tuple[tuple[Window, ...], ...]:
        windows = _EVERY_DAY if self.always_open else self.windows
        return tuple(tuple(sorted(w for w in windows if w.weekday == day)) for day in range(7))

    def _spans(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Opening times within [first, last) in epoch seconds, in order; spans may touch, never overlap.

        They are not merged here, because merging round-the-clock windows would walk ten years before the first result.
        """
        if self.always_open and first < last:
            yield first, last
            return
        for opens, closes, _, _ in self._openings(first, last):
            yield opens, closes

    def _openings(self, first: int, last: int) -> Iterator[tuple[int, int, date, int]]:
        """Each window within [first, last) by itself: its epoch seconds, its local day and the minute it opens at."""
        if first >= last:
            return
        # No window is longer than a local day, so the day before is the earliest that can still be open.
        day = datetime.fromtimestamp(first, self._zone).date() - _DAY
        while True:
            for window in self._by_weekday[day.weekday()] if day not in self._holiday_names else ():
                opens = _edge(self._zone, day, window.opens)
                if opens >= last:
                    return
                cut = window.ends > MINUTES_A_DAY and day + _DAY in self._holiday_names
                closes = _edge(self._zone, day, MINUTES_A_DAY if cut else window.ends)
                if closes > first and closes > opens:
                    yield max(opens, first), min(closes, last), day, window.opens
            day += _DAY
            # Days without windows never meet `last` above. A local date begins at most 14 hours before its UTC one.
            if (day.toordinal() - _EPOCH.toordinal() - 1) * 86_400 > last:
                return

    def _steady(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """[first, last), no longer than a day, in parts in which the offset from UTC (seconds) stays the same."""
        before, after = _offset(self._zone, first), _offset(self._zone, last - 1)
        if before == after:
            yield first, last, before
            return
        change = _change(self._zone, first, last - 1)
        yield first, change, before
        yield change, last, after


# The same few days are asked for again and again.
@lru_cache(maxsize=4096)
def _edge(zone: ZoneInfo, day: date, minute: int) -> int:
    """Epoch second of a local time, given in minutes from the midnight that begins `day`."""
    extra, minute = divmod(minute, MINUTES_A_DAY)
    if extra:
        day += _DAY * extra
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    once = int(local.timestamp())
    again = int(local.replace(fold=1).timestamp())
    # The two readings differ only around a change: where the hour is repeated the first is the earlier one, where
    # it is skipped they lie on either side of the change.
    return once if once <= again else _change(zone, again, once)


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else offset // _SECOND


def _change(zone: ZoneInfo, earlier: int, later: int) -> int:
    """The second at which the zone's offset changes, somewhere after `earlier` and not after `later`."""
    offset = _offset(zone, earlier)
    while later - earlier > 1:
        middle = (earlier + later) // 2
        if _offset(zone, middle) == offset:
            earlier = middle
        else:
            later = middle
    return later


def _refuse_overlaps(windows: Iterable[Window]) -> None:
    ordered = sorted(windows)
    begins = [window.weekday * MINUTES_A_DAY + window.opens for window in ordered]
    # The last window of the week meets the first one of the next.
    following = [*begins[1:], begins[0] + 7 * MINUTES_A_DAY]
    for window, begin, next_begin in zip(ordered, begins, following, strict=True):
        if begin + window.ends - window.opens > next_begin:
            name = _WEEKDAYS[window.weekday]
            raise Refusal("windows_overlap", f"Opening hours that begin on {name} run into the next ones.")


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("an instant needs a timezone")
    return (at - _EPOCH) // _SECOND


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
