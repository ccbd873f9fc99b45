"""What people read about a ticket's clocks: figures, segments, and a sentence that says why a deadline is so."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypedDict

from domain.calendar import BusinessCalendar
from domain.tickets.sla.clock import Clock, ClockState
from domain.tickets.sla.clocks import Clocks
from domain.tickets.sla.explanation import English, Saying, explain, sentence, stretches
from domain.tickets.sla.policy import ClockKind, Policy

MOST_OPEN_HOURS = 60
"""How many opening times of a clock are told: what is drawn of more of them cannot be told apart."""

ReportedSegment = TypedDict("ReportedSegment", {"from": datetime, "to": datetime, "counted_minutes": int, "why": str})
OpenHours = TypedDict("OpenHours", {"from": datetime, "to": datetime})


@dataclass(frozen=True, slots=True)
class ClockReport:
    """One clock as it reads at an instant. Minutes are open minutes, begun ones left out; instants are UTC.

    The segments include the stretch that still runs, and their minutes add up to `consumed_minutes`. `open_hours` are
    those from its beginning to when it is due, or has ended, or to now where that is later; none where they are more
    than `MOST_OPEN_HOURS`.
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
    open_hours: tuple[OpenHours, ...]
    explained: Saying
    sentence: str


def report(clocks: Clocks, policy: Policy, calendar: BusinessCalendar, now: datetime) -> list[ClockReport]:
    """One report per kind: first response, next response, resolution."""
    return [
        _not_started(kind, policy, English(calendar, now))
        if (clock := clocks.of(kind)) is None
        else _started(clock, calendar, now)
        for kind in ClockKind
    ]


def _not_started(kind: ClockKind, policy: Policy, words: English) -> ClockReport:
    promised = any(targets.seconds(kind) for targets in policy.targets.values())
    saying = Saying("not_started" if promised else "not_promised")
    text = sentence(saying, words)
    return ClockReport(kind, 0, ClockState.NOT_STARTED, None, 0, None, None, None, None, (), (), saying, text)


def _started(clock: Clock, calendar: BusinessCalendar, now: datetime) -> ClockReport:
    segments: list[ReportedSegment] = []
    seconds = 0
    for from_at, to_at, counted, why in stretches(clock, calendar, now):
        # Differences of the running total, so that the minutes of short segments are not lost to rounding.
        minutes = (seconds + counted) // 60 - seconds // 60
        segments.append({"from": from_at, "to": to_at, "counted_minutes": minutes, "why": why})
        seconds += counted
    saying = explain(clock, calendar, now)
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
        open_hours=_open_hours(clock, calendar, segments, now),
        explained=saying,
        sentence=sentence(saying, English(calendar, now)),
    )


def _open_hours(
    clock: Clock, calendar: BusinessCalendar, segments: list[ReportedSegment], now: datetime
) -> tuple[OpenHours, ...]:
    if not segments:
        return ()
    end = clock.met_at or max(clock.due_at or now, now)
    found = list(islice(calendar.open_intervals(segments[0]["from"], end), MOST_OPEN_HOURS + 1))
    return tuple({"from": opens, "to": closes} for opens, closes in found) if len(found) <= MOST_OPEN_HOURS else ()
