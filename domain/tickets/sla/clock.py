"""One SLA clock: it counts open time, can pause and go on, warns once and breaches once.

Nothing here reads the time or remembers a calendar: each step is told both, and returns a new clock. What has been
counted stays counted, with the calendar that was in force when it passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from domain.calendar import BusinessCalendar
from domain.tickets.sla.policy import ClockKind, share


class ClockState(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch during which a clock ran: UTC instants, the open seconds in it, and why it began."""

    from_at: datetime
    to_at: datetime
    counted_seconds: int
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "from": self.from_at.isoformat(),
            "to": self.to_at.isoformat(),
            "counted_seconds": self.counted_seconds,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            from_at=datetime.fromisoformat(stored["from"]),
            to_at=datetime.fromisoformat(stored["to"]),
            counted_seconds=stored["counted_seconds"],
            why=stored["why"],
        )


_INSTANTS = ("running_since", "paused_at", "stopped_at", "warn_at", "due_at", "warned_at", "breached_at")


@dataclass(frozen=True)
class Clock:
    """One run of a clock. Durations are open seconds, instants UTC.

    Exactly one of `running_since`, `paused_at` and `stopped_at` is set, and `why` says why: what started or resumed
    it, the status that pauses it, or what stopped it. A paused clock has no `warn_at` or `due_at`, unless it has
    already warned or breached: those then keep the deadline that passed.

    A run that has missed its deadline is judged: it counts on until it stops, its target and `due_at` stay those it
    missed, and it reads `breached` for good. `breached_after_seconds` is what it had consumed at that moment; it
    exceeds the target when a shorter target came too late. `breached_at` is when the breach was recorded, usually
    first; but a step that finds a deadline passed judges the run even so, and leaves warning and breach to be recorded.
    `fired` holds the keys of the escalations that have fired.
    """

    kind: ClockKind
    target_seconds: int
    why: str
    run: int = 1
    consumed_seconds: int = 0
    running_since: datetime | None = None
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    breached_after_seconds: int | None = None
    fired: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def state(self) -> ClockState:
        if self.judged:
            return ClockState.BREACHED
        if self.stopped_at is not None:
            return ClockState.MET
        return ClockState.PAUSED if self.running_since is None else ClockState.RUNNING

    @property
    def met_at(self) -> datetime | None:
        """When what it waits for happened in time."""
        return None if self.judged else self.stopped_at

    @property
    def judged(self) -> bool:
        """Whether it has missed its deadline."""
        return self.breached_after_seconds is not None

    @property
    def may_speak(self) -> bool:
        """Whether its warning or breach may still be recorded: it runs, or it missed its deadline while it ran."""
        return self.running_since is not None or self.judged

    def consumed(self, at: datetime, calendar: BusinessCalendar) -> int:
        """Open seconds used up to `at`, the stretch that still runs included."""
        if self.running_since is None:
            return self.consumed_seconds
        return self.consumed_seconds + calendar.open_seconds(self.running_since, at)

    def reaches(self, seconds: int, calendar: BusinessCalendar) -> datetime | None:
        """When it will have consumed `seconds`, if it runs on; None when it does not run.

        What it consumed before it last started to run is reached at that moment, or at the next opening.
        """
        if self.running_since is None:
            return None
        return calendar.add_open_seconds(self.running_since, max(0, seconds - self.consumed_seconds))

    def started(
        self, at: datetime, target_seconds: int, warn_percent: int, calendar: BusinessCalendar, why: str
    ) -> "Clock":
        """Runs from `at` with what it has consumed, to a target; a breached run keeps its own."""
        if self.running_since is not None:
            return self
        clock = replace(self, running_since=at, paused_at=None, stopped_at=None, why=why)
        if self.judged:
            return clock
        clock = replace(clock, target_seconds=target_seconds)
        warn_at = clock.warn_at if self.warned_at else clock.reaches(share(target_seconds, warn_percent), calendar)
        return replace(clock, warn_at=warn_at, due_at=clock.reaches(target_seconds, calendar))

    def paused(self, at: datetime, calendar: BusinessCalendar, why: str) -> "Clock":
        """Stops counting until it is started again; a clock that is already paused has another reason now."""
        if self.stopped_at is not None:
            return self
        clock = self._counted(at, calendar)
        return replace(
            clock,
            paused_at=self.paused_at or at,
            why=why,
            warn_at=clock.warn_at if clock.warned_at or clock.judged else None,
            due_at=clock.due_at if clock.judged else None,
        )

    def stopped(self, at: datetime, calendar: BusinessCalendar, why: str) -> "Clock":
        """What it waited for has happened: met, unless it has breached."""
        if self.stopped_at is not None:
            return self
        return replace(self._counted(at, calendar), paused_at=None, stopped_at=at, why=why)

    def retargeted(
        self,
        at: datetime,
        target_seconds: int,
        warn_percent: int,
        was: BusinessCalendar,
        calendar: BusinessCalendar,
        why: str,
    ) -> "Clock":
        """Another target or calendar from `at` on; up to there it is counted with the calendar that `was`.

        What it consumed is kept. If that is the new target or more, it is due at `at`, or at the next opening; if it
        rests, once it goes on. A stopped clock keeps what it was judged by.
        """
        if self.stopped_at is not None:
            return self
        if self.running_since is not None:
            return self._counted(at, was).started(at, target_seconds, warn_percent, calendar, why)
        return self if self.judged else replace(self, target_seconds=target_seconds)

    def warned(self, at: datetime) -> "Clock":
        """Nothing happens for a clock that has warned or recorded a breach, or whose warning has moved past `at`."""
        due = self.may_speak and self.warn_at is not None and self.warn_at <= at
        return replace(self, warned_at=at) if due and self.warned_at is None and self.breached_at is None else self

    def breached(self, at: datetime) -> "Clock":
        """Nothing happens for a clock that has recorded a breach, or whose deadline has moved past `at`."""
        due = self.may_speak and self.due_at is not None and self.due_at <= at
        return replace(self._judged(), breached_at=at) if due and self.breached_at is None else self

    def escalated(self, key: str) -> "Clock":
        return self if key in self.fired else replace(self, fired=(*self.fired, key))

    def to_json(self) -> dict[str, Any]:
        """A plain dict for JSON. `state` and `met_at` are in it to be read, and ignored by `from_json`."""
        return {
            "kind": self.kind.value,
            "run": self.run,
            "state": self.state.value,
            "target_seconds": self.target_seconds,
            "consumed_seconds": self.consumed_seconds,
            "why": self.why,
            **{name: _iso(getattr(self, name)) for name in _INSTANTS},
            "met_at": _iso(self.met_at),
            "breached_after_seconds": self.breached_after_seconds,
            "fired": list(self.fired),
            "segments": [segment.to_json() for segment in self.segments],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            kind=ClockKind(stored["kind"]),
            target_seconds=stored["target_seconds"],
            why=stored["why"],
            run=stored["run"],
            consumed_seconds=stored["consumed_seconds"],
            breached_after_seconds=stored["breached_after_seconds"],
            fired=tuple(stored["fired"]),
            segments=tuple(Segment.from_json(segment) for segment in stored["segments"]),
            **{name: datetime.fromisoformat(stored[name]) for name in _INSTANTS if stored[name]},
        )

    def _counted(self, at: datetime, calendar: BusinessCalendar) -> "Clock":
        """Not running any more: the stretch up to `at` becomes a segment, and a deadline that passed in it judges."""
        if self.running_since is None:
            return self
        clock = self._judged() if self.due_at is not None and self.due_at <= at else self
        counted = calendar.open_seconds(self.running_since, at)
        segment = Segment(self.running_since, at, counted, self.why)
        return replace(
            clock,
            running_since=None,
            consumed_seconds=self.consumed_seconds + counted,
            segments=(*self.segments, segment) if at > self.running_since else self.segments,
        )

    def _judged(self) -> "Clock":
        return (
            self
            if self.judged
            else replace(self, breached_after_seconds=max(self.target_seconds, self.consumed_seconds))
        )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
