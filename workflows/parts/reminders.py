"""Reminders: a series of moments before or after an anchor, among the other deadlines of a case."""

from datetime import datetime, timedelta

from workflows.parts.deadlines import Deadlines


class Reminders:
    """Reminds at each offset from an anchor: negative ones lie before it, positive ones after.

    Give the anchor anew whenever it or anything else of the case has changed. The series dies with the deadlines of its
    case and needs no memory of its own: `handled_until` comes from the case's row. Its deadlines are `<name>/0`, `/1`
    and so on; the `at` of one that falls due is the next `handled_until`.
    """

    def __init__(self, deadlines: Deadlines, name: str, offsets: tuple[timedelta, ...], why: str) -> None:
        self._deadlines = deadlines
        self._why = why
        self._offsets = {f"{name}/{place}": offset for place, offset in enumerate(sorted(offsets))}

    def follow(self, anchor: datetime | None, handled_until: datetime) -> None:
        """Sets what is still to come of the series; without an anchor nothing is.

        `handled_until` (UTC) is the moment of the last reminder that was sent, else when the series began: what lies at
        or before it is not sent any more, what lies after it and is late still is.
        """
        for name, offset in self._offsets.items():
            self._deadlines.cancel(name)
            if anchor is not None and anchor + offset > handled_until:
                self._deadlines.set(name, anchor + offset, self._why)
