"""When a task is due, reminded of and escalated."""

from datetime import UTC, datetime, timedelta

from domain.calendar import BusinessCalendar, Window
from domain.tasks.schedule import TaskMomentKind, TaskTerms, schedule

# Nine hours a day from Monday to Friday, in UTC; 2026-11-20 is a Friday.
OFFICE = BusinessCalendar("UTC", tuple(Window(day, 8 * 60, 17 * 60) for day in range(5)))
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_business_hours_skip_the_weekend() -> None:
    terms = TaskTerms(due_minutes=24 * 60, remind_minutes_before=(240,), escalate_minutes_after=(0, 480))
    plan = schedule(terms, "reviewer", FRIDAY_NOON, OFFICE)
    # 5 hours on Friday, 9 on Monday, 9 on Tuesday, 1 on Wednesday.
    assert plan.due_at == at(25, 9)
    assert [(moment.what, moment.at, moment.role) for moment in plan.moments] == [
        (TaskMomentKind.REMIND, at(24, 14), None),
        (TaskMomentKind.ESCALATE, at(25, 9), "manager"),
        (TaskMomentKind.ESCALATE, at(25, 17), "admin"),
    ]


def test_an_absolute_due_time_reminds_round_the_clock() -> None:
    due = FRIDAY_NOON + timedelta(days=2)
    plan = schedule(TaskTerms(due_at=due, remind_minutes_before=(60, 9999)), "agent", FRIDAY_NOON, OFFICE)
    assert plan.due_at == due
    assert [moment.at for moment in plan.moments] == [due - timedelta(hours=1)]


def test_nobody_is_above_the_administrator() -> None:
    plan = schedule(TaskTerms(escalate_minutes_after=(0, 60, 120)), "manager", FRIDAY_NOON, OFFICE)
    assert [moment.role for moment in plan.moments] == ["admin"]
    own_role = schedule(TaskTerms(escalate_minutes_after=(0,)), "accountant", FRIDAY_NOON, OFFICE)
    assert [moment.role for moment in own_role.moments] == ["manager"]


def test_what_must_not_wait_is_due_before_the_office_would_say() -> None:
    terms = TaskTerms(remind_minutes_before=(60,), no_later_than=at(21, 10), escalate_minutes_after=(0,))
    plan = schedule(terms, "agent", FRIDAY_NOON, OFFICE)
    assert plan.due_at == at(21, 10)
    assert [(moment.what, moment.at) for moment in plan.moments] == [(TaskMomentKind.ESCALATE, at(23, 8))]
    later = TaskTerms(no_later_than=at(30, 12))
    assert schedule(later, "agent", FRIDAY_NOON, OFFICE).due_at == at(25, 9)
