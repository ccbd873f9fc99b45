"""The strip: how much of what was promised is used, drawn as a line of open time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.tickets.schemas import ClockView, SegmentView
from domain.tickets.sla.clock import ClockState

_SOON = timedelta(hours=2)
_MINUTES_SOON = 60


@dataclass(frozen=True)
class Strip:
    """`used` is the share of the promised open minutes that has run, in percent; `mark` says how it stands: empty in
    time, `soon`, `late`, `still`, `met`."""

    clock: ClockView
    sentence: str
    ledger: Sequence[tuple[SegmentView, str]]
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
    return Strip(
        clock, sentence, list(zip(clock.segments, whys, strict=True)), round(used, 2), left, _mark(clock, left, now)
    )


def _mark(clock: ClockView, left: int, now: datetime) -> str:
    if clock.state == ClockState.MET:
        return "met"
    if clock.breached_at or (clock.due_at and clock.due_at <= now):
        return "late"
    if clock.state == ClockState.PAUSED:
        return "still"
    near = clock.due_at is not None and clock.due_at - now < _SOON
    return "soon" if near or left < _MINUTES_SOON else ""
