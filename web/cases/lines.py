"""The line of a strip: the open hours of a promise from its beginning to its end, with what ran and stood in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from api.tickets.schemas import ClockView

Kind = Literal["ran", "stood", "to-come", "shut"]

_NIGHT = timedelta(hours=24)
_NIGHT_WIDTH, _LONGER_WIDTH, _ALL_SHUT = 1.6, 5.0, 25.0
_LABELLED_EVERY, _LABELLED_UNTIL = 12.0, 84.0
_ALL = 100.0


@dataclass(frozen=True)
class Piece:
    """A part of the line, in percent of it; `shut` ones are the hours between two opening times, drawn short."""

    kind: Kind
    at: float
    width: float

    @property
    def end(self) -> float:
        return round(self.at + self.width, 2)


@dataclass(frozen=True)
class Line:
    """The pieces from left to right, where now is, and which days begin where there is room to say so."""

    pieces: Sequence[Piece]
    now: float
    days: Sequence[tuple[float, datetime]]


def line_of(clock: ClockView, left_minutes: int, now: datetime) -> Line | None:
    """The line of a clock that has started; None where its open hours are not told, because they are too many."""
    if not clock.open_hours or not clock.segments:
        return None
    hours = [(each.from_, each.to) for each in clock.open_hours]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(hours)]
    widths = [_NIGHT_WIDTH if gap < _NIGHT else _LONGER_WIDTH for gap in gaps]
    if (shut := sum(widths)) > _ALL_SHUT:
        widths = [width * _ALL_SHUT / shut for width in widths]
    left = timedelta(minutes=max(0, left_minutes)) if clock.due_at is None else timedelta()
    length = sum((to - from_ for from_, to in hours), start=left)
    a_second = (_ALL - sum(widths)) / max(1.0, length.total_seconds())
    pieces: list[Piece] = []
    days: list[tuple[float, datetime]] = []
    at, here = 0.0, 0.0
    for number, (from_, to) in enumerate(hours):
        if number:
            pieces.append(Piece("shut", round(at, 2), round(widths[number - 1], 2)))
            at += widths[number - 1]
            if at - (days[-1][0] if days else 0.0) >= _LABELLED_EVERY and at <= _LABELLED_UNTIL:
                days.append((round(at, 2), from_))
        for kind, begins, ends in _parts(clock, from_, to, now):
            width = (ends - begins).total_seconds() * a_second
            pieces.append(Piece(kind, round(at, 2), round(width, 2)))
            at += width
            if ends <= now:
                here = at
    if left:
        pieces.append(Piece("to-come", round(at, 2), round(left.total_seconds() * a_second, 2)))
    return Line(pieces, round(here, 2), days)


def _parts(clock: ClockView, from_: datetime, to: datetime, now: datetime) -> Iterator[tuple[Kind, datetime, datetime]]:
    """The opening time between two moments, cut where the clock began and ceased to run, and where now is."""
    ran = [(segment.from_, segment.to) for segment in clock.segments]
    inside = {cut for each in (*ran, (now, now)) for cut in each if from_ < cut < to}
    cuts = sorted({from_, to} | inside)
    for begins, ends in pairwise(cuts):
        if begins >= now:
            yield "to-come", begins, ends
        else:
            yield ("ran" if any(one <= begins < other for one, other in ran) else "stood"), begins, ends
