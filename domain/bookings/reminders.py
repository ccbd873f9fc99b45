"""When people are reminded of a booking: so many hours before it, and never in their quiet hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

LEAST_BEFORE = timedelta(hours=1)
"""A reminder that waits for the end of quiet hours still comes so long before the start."""


@dataclass(frozen=True)
class QuietHours:
    """From one local time until another, over midnight where it lies earlier; equal ones are no quiet hours."""

    begins: time
    ends: time

    def around(self, at: datetime, timezone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The quiet hours (UTC) that hold this instant, which is aware; None when it is not within any."""
        day = at.astimezone(timezone).date()
        for first in (day - timedelta(days=1), day):
            last = first if self.begins < self.ends else first + timedelta(days=1)
            since = datetime.combine(first, self.begins, timezone).astimezone(UTC)
            until = datetime.combine(last, self.ends, timezone).astimezone(UTC)
            if self.begins != self.ends and since <= at < until:
                return since, until
        return None


def moments(
    starts_at: datetime, hours_before: Iterable[int], timezone: str, quiet: QuietHours | None
) -> tuple[datetime, ...]:
    """When to remind of what starts then (UTC), in order, each moment once.

    One that falls into quiet hours waits for their end; where that is too late to be of use, it comes before they
    begin.
    """
    zone = ZoneInfo(timezone)
    found = set()
    for hours in hours_before:
        at = starts_at - timedelta(hours=hours)
        if quiet and (around := quiet.around(at, zone)):
            since, until = around
            at = until if until <= starts_at - LEAST_BEFORE else since - timedelta(seconds=1)
        found.add(at)
    return tuple(sorted(found))
