"""When a task is due, when people are reminded of it before, and to whom it goes when it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import BusinessCalendar

ROLE_ABOVE = {"agent": "manager", "reviewer": "manager", "manager": "admin", "admin": None}
"""The role that a late task goes to. From a role of the tenant's own it goes to the manager."""

SUPERVISORS = frozenset({"manager", "admin"})
"""The roles that may end somebody else's claim."""


class TaskMomentKind(StrEnum):
    REMIND = "remind"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class TaskMoment:
    """Something that becomes due on a task at `at` (UTC); `role` is where an escalation takes it."""

    what: TaskMomentKind
    at: datetime
    role: str | None = None


@dataclass(frozen=True)
class TaskTerms:
    """How long a task may take: `due_minutes` of opening of the tenant's calendar, or until `due_at` (UTC) when given;
    never beyond `no_later_than`.

    Reminders come so many minutes before: of opening when `due_minutes` are, else round the clock. Each of
    `escalate_minutes_after` is one role further up, in minutes of opening.
    """

    due_minutes: int = 24 * 60
    due_at: datetime | None = None
    no_later_than: datetime | None = None
    remind_minutes_before: tuple[int, ...] = ()
    escalate_minutes_after: tuple[int, ...] = ()


@dataclass(frozen=True)
class TaskSchedule:
    """The moments that follow from the terms: all in UTC, in order."""

    due_at: datetime
    moments: tuple[TaskMoment, ...]


def role_above(role: str) -> str | None:
    """The role that is asked when this one does not act; None above the administrator."""
    return ROLE_ABOVE.get(role, "manager")


def schedule(terms: TaskTerms, role: str, opened_at: datetime, calendar: BusinessCalendar) -> TaskSchedule:
    """The schedule of a task that was opened at that moment. A reminder that would come before the opening is left
    out."""
    if terms.due_at is not None:
        due_at = terms.due_at
        reminders = [due_at - timedelta(minutes=before) for before in terms.remind_minutes_before]
        reminders = [at for at in reminders if at > opened_at]
    else:
        due_at = calendar.add_open_seconds(opened_at, terms.due_minutes * 60)
        reminders = [
            calendar.add_open_seconds(opened_at, (terms.due_minutes - before) * 60)
            for before in terms.remind_minutes_before
            if before < terms.due_minutes
        ]
    if terms.no_later_than is not None:
        due_at = min(due_at, terms.no_later_than)
    moments = [TaskMoment(TaskMomentKind.REMIND, at) for at in reminders if at < due_at]
    above = role_above(role)
    for after in sorted(terms.escalate_minutes_after):
        if above is None:
            break
        at = calendar.add_open_seconds(due_at, after * 60)
        moments.append(TaskMoment(TaskMomentKind.ESCALATE, at, above))
        above = role_above(above)
    return TaskSchedule(due_at, tuple(sorted(moments, key=lambda moment: moment.at)))
