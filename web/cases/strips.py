"""The strip: how much of what was promised is used, drawn as a line of open time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.tickets.schemas import ClockView
from domain.tickets.sla.clock import ClockState
from web.cases.lines import Line, line_of

_SOON = timedelta(hours=2)
_MINUTES_SOON = 60


@dataclass(frozen=True)
class Entry:
    """A stretch of the ledger, in which a clock ran, or stood still: then it counted no minutes, and has no reason of
    its own."""

    from_: datetime
    to: datetime
    counted_minutes: int
    why: str | None


@dataclass(frozen=True)
class Strip:
    """`used` is the share of the promised open minutes that has run, in percent; `mark` says how it stands: empty in
    time, `soon`, `late`, `still`, `met`. `line` is None where it would be too long to be read."""

    clock: ClockView
    sentence: str
    ledger: Sequence[Entry]
    line: Line | None
    used: float
    left_minutes: int
    mark: str

    @property
    def running(self) -> bool:
        """Whether the promise is still to be kept."""
        return self.clock.state in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED) and not self.done

    @property
    def done(self) -> bool:
        """Whether it was kept."""
        return self.clock.state == ClockState.MET


def strip_of(clock: ClockView, sentence: str, whys: Sequence[str], now: datetime) -> Strip | None:
    """The clock's strip, with the sentence that says why and the reason of each of its segments; None for one that has
    not started."""
    if not clock.target_minutes:
        return None
    used = min(100.0, 100 * clock.consumed_minutes / clock.target_minutes)
    left = clock.target_minutes - clock.consumed_minutes
    ledger, line = _ledger(clock, whys, now), line_of(clock, left, now)
    return Strip(clock, sentence, ledger, line, round(used, 2), left, _mark(clock, left, now))


def _ledger(clock: ClockView, whys: Sequence[str], now: datetime) -> list[Entry]:
    entries: list[Entry] = []
    for segment, why in zip(clock.segments, whys, strict=True):
        if entries and entries[-1].to < segment.from_:
            entries.append(Entry(entries[-1].to, segment.from_, 0, None))
        entries.append(Entry(segment.from_, segment.to, segment.counted_minutes, why))
    if entries and clock.state == ClockState.PAUSED and entries[-1].to < now:
        entries.append(Entry(entries[-1].to, now, 0, None))
    return entries


def _mark(clock: ClockView, left: int, now: datetime) -> str:
    if clock.state == ClockState.MET:
        return "met"
    if clock.breached_at or (clock.due_at and clock.due_at <= now):
        return "late"
    if clock.state == ClockState.PAUSED:
        return "still"
    near = clock.due_at is not None and clock.due_at - now < _SOON
    return "soon" if near or left < _MINUTES_SOON else ""
