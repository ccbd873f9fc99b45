"""Deadlines: absolute moments that a case must not miss, all of them kept by one timer."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow


@dataclass(frozen=True)
class Deadline:
    """Something that becomes due `at` a moment (UTC)."""

    name: str
    why: str
    at: datetime


class Deadlines:
    """The deadlines of one case, by name. Each wakes the workflow once.

    However many there are, history sees one timer: that of the earliest, re-armed only when the earliest changes.
    The whole is plain data (`carried`), so it survives continue-as-new.
    """

    def __init__(self, carried: Iterable[Deadline] = (), given_up: Iterable[Deadline] = ()) -> None:
        self._by_name = {deadline.name: deadline for deadline in carried}
        self._given_up = {deadline.name: deadline for deadline in given_up}
        self._next: Deadline | None = None
        self._moved = True

    def set(self, name: str, at: datetime, why: str) -> None:
        """Makes `name` due at `at`, moving it when it is already there. One that was given up at `at` stays so."""
        if name not in self._given_up or self._given_up[name].at != at:
            self._by_name[name] = Deadline(name, why, at)
            self._moved = True

    def give_up(self, deadline: Deadline) -> None:
        """Forgets a deadline for good: `set` for the same moment does not bring it back."""
        self.cancel(deadline.name)
        self._given_up[deadline.name] = deadline

    def cancel(self, name: str) -> None:
        """Forgets `name`; nothing happens when it is not there."""
        self._by_name.pop(name, None)
        self._moved = True

    def clear(self) -> None:
        """Forgets all of them."""
        self._by_name.clear()
        self._moved = True

    def carried(self) -> tuple[Deadline, ...]:
        """All of them, as data for the next run."""
        return tuple(self._by_name.values())

    def given_up(self) -> tuple[Deadline, ...]:
        """Those that were given up, as data for the next run."""
        return tuple(self._given_up.values())

    @property
    def next(self) -> Deadline | None:
        """The earliest, None when there is none."""
        # Asked for by each condition that waits, whenever the workflow does anything.
        if self._moved:
            self._next = min(self._by_name.values(), key=lambda each: (each.at, each.name), default=None)
            self._moved = False
        return self._next

    def take_overdue(self) -> Deadline | None:
        """Removes and returns the earliest deadline whose time has come, None when there is none."""
        head = self.next
        if head is None or head.at > workflow.now():
            return None
        self.cancel(head.name)
        return head

    async def wait(self, until: Callable[[], bool]) -> None:
        """Returns when the earliest deadline is due, or as soon as `until()` is true."""
        while not until():
            head = self.next
            if head is None:
                await workflow.wait_condition(lambda: until() or self.next is not None)
                continue
            left = head.at - workflow.now()
            if left <= timedelta(0):
                return
            await self._sleep(head, left, until)

    async def _sleep(self, head: Deadline, left: timedelta, until: Callable[[], bool]) -> None:
        timer = asyncio.create_task(workflow.sleep(left, summary=head.why))
        try:
            await workflow.wait_condition(lambda: timer.done() or until() or self.next != head)
        finally:
            timer.cancel()
