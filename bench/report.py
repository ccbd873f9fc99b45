"""The report: each figure beside the bare engine's and beside its target."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from bench.bookings import BOOK, FEW, MANY
from bench.cpu import PARTS
from bench.engine import NEW_CASE, OPEN_CASE
from bench.finding import BEGUN, MISSPELT, STORY, WHOLE
from bench.load import Figure
from bench.orders import PLACE_ORDER
from bench.product import GET_TICKET, LIST_TICKETS, OPEN_TICKET, REPLY, SET_STATUS

ALONE = 1
CROWD = 20

ENGINE_COUNTERPARTS = {
    OPEN_TICKET: NEW_CASE,
    PLACE_ORDER: NEW_CASE,
    BOOK: NEW_CASE,
    SET_STATUS: OPEN_CASE,
    REPLY: OPEN_CASE,
}


@dataclass(frozen=True)
class Target:
    """What a figure should be: `measure` is `p50_ms` or `p95_ms`, at most, or `rate`, at least."""

    measure: str
    bound: float

    def met(self, figure: Figure) -> bool:
        value: float = getattr(figure, self.measure)
        return value >= self.bound if self.measure == "rate" else value <= self.bound

    def __str__(self) -> str:
        if self.measure == "rate":
            return f"{self.bound:g}/s or more"
        return f"{self.measure.removesuffix('_ms')} {self.bound:g} ms or less"


TARGETS = {
    (OPEN_TICKET, ALONE): Target("p50_ms", 60),
    (OPEN_TICKET, CROWD): Target("rate", 35),
    (SET_STATUS, ALONE): Target("p50_ms", 35),
    (SET_STATUS, CROWD): Target("rate", 70),
    (GET_TICKET, ALONE): Target("p50_ms", 5),
    (LIST_TICKETS, ALONE): Target("p95_ms", 20),
    **{(looked, ALONE): Target("p95_ms", 50) for looked in (FEW, MANY)},
    **{(found, ALONE): Target("p95_ms", 30) for found in (WHOLE, BEGUN, MISSPELT, STORY)},
}


@dataclass(frozen=True)
class Line:
    """A figure with its p50 and its time per request as multiples of the bare engine's, None where there is none."""

    figure: Figure
    p50_ratio: float | None
    rate_ratio: float | None
    target: str | None
    target_met: bool | None


def lines(figures: Sequence[Figure]) -> list[Line]:
    """Each figure beside its counterpart, which is among `figures`, and its target."""
    known = {(figure.name, figure.at_a_time): figure for figure in figures}
    compared = []
    for figure in figures:
        engine = known.get((ENGINE_COUNTERPARTS.get(figure.name, ""), figure.at_a_time))
        target = TARGETS.get((figure.name, figure.at_a_time))
        compared.append(
            Line(
                figure=figure,
                p50_ratio=round(figure.p50_ms / engine.p50_ms, 2) if engine else None,
                rate_ratio=round(engine.rate / figure.rate, 2) if engine else None,
                target=str(target) if target else None,
                target_met=target.met(figure) if target else None,
            )
        )
    return compared


def table(compared: Sequence[Line]) -> Table:
    """The lines for a person to read."""
    read = [part for part in PARTS if any(part in line.figure.cpu_ms for line in compared)]
    shown = Table(
        title="p50 and p95 in milliseconds; beside them, how many times the bare engine's",
        caption="late: not answered in full; load: the generator's share of one core"
        + (f"; {', '.join(read)}: milliseconds of a core for each request" if read else ""),
        title_justify="left",
        caption_justify="left",
    )
    shown.add_column("what", no_wrap=True)
    for heading in ("at a time", "p50", "", "p95", "per second", "", "late", "load", *read):
        shown.add_column(heading, justify="right")
    shown.add_column("should be", no_wrap=True)
    for line in compared:
        figure = line.figure
        shown.add_row(
            figure.name,
            str(figure.at_a_time),
            f"{figure.p50_ms:.1f}",
            _ratio(line.p50_ratio),
            f"{figure.p95_ms:.1f}",
            f"{figure.rate:.0f}",
            _ratio(line.rate_ratio),
            str(figure.late or ""),
            f"{figure.generator_share:.0%}",
            *(_milliseconds(figure.cpu_ms.get(part)) for part in read),
            _target(line),
            end_section=figure.at_a_time == CROWD,
        )
    return shown


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}x"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _target(line: Line) -> str:
    if line.target is None:
        return ""
    return f"[green]{line.target}[/]" if line.target_met else f"[red]{line.target}[/]"


def growth(of_lists: Sequence[Figure]) -> float | None:
    """The p50 of the longest list over that of the shortest, None when none was measured."""
    return round(of_lists[-1].p50_ms / of_lists[0].p50_ms, 2) if of_lists else None
