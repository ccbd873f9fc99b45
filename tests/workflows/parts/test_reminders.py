"""Reminders and deadlines as plain data: what is set, moved and forgotten."""

from datetime import UTC, datetime, timedelta

from workflows.parts.deadlines import Deadline, Deadlines
from workflows.parts.reminders import Reminders

A_DAY = timedelta(days=1)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
END = START + 60 * A_DAY


def before_the_end(deadlines: Deadlines) -> Reminders:
    return Reminders(deadlines, "end", (-7 * A_DAY, -30 * A_DAY), "remind of the end")


def moments(deadlines: Deadlines) -> list[datetime]:
    return sorted(deadline.at for deadline in deadlines.carried())


def test_a_series_lies_around_its_anchor_and_moves_with_it() -> None:
    deadlines = Deadlines()
    reminders = before_the_end(deadlines)
    reminders.follow(END, START)
    assert moments(deadlines) == [END - 30 * A_DAY, END - 7 * A_DAY]
    reminders.follow(END + A_DAY, START)
    assert moments(deadlines) == [END - 29 * A_DAY, END - 6 * A_DAY]
    reminders.follow(None, START)
    assert moments(deadlines) == []


def test_what_was_handled_does_not_come_again_and_what_is_late_still_does() -> None:
    deadlines = Deadlines()
    before_the_end(deadlines).follow(END, END - 30 * A_DAY)
    assert moments(deadlines) == [END - 7 * A_DAY]
    # The series began too late for its first reminder.
    before_the_end(deadlines).follow(START + 10 * A_DAY, START)
    assert moments(deadlines) == [START + 3 * A_DAY]


def test_a_series_knows_its_own_and_leaves_the_others_alone() -> None:
    deadlines = Deadlines([Deadline("close", "close it", END)])
    reminders = before_the_end(deadlines)
    reminders.follow(END, START)
    assert [deadline.name for deadline in deadlines.carried()] == ["close", "end/0", "end/1"]
    reminders.follow(None, START)
    assert deadlines.carried() == (Deadline("close", "close it", END),)


def test_what_was_given_up_does_not_come_back_for_the_same_moment() -> None:
    deadlines = Deadlines()
    deadlines.set("close", END, "close it")
    deadlines.give_up(Deadline("close", "close it", END))
    again = Deadlines(deadlines.carried(), deadlines.given_up())
    again.set("close", END, "close it")
    assert again.next is None
    again.set("close", END + A_DAY, "close it")
    assert again.next == Deadline("close", "close it", END + A_DAY)


def test_deadlines_are_moved_and_cancelled_by_name() -> None:
    deadlines = Deadlines()
    deadlines.set("close", END, "close it")
    deadlines.set("close", END + A_DAY, "close it later")
    assert deadlines.carried() == (Deadline("close", "close it later", END + A_DAY),)
    deadlines.cancel("close")
    deadlines.cancel("close")
    assert deadlines.next is None
