"""Which mails of a folder are read."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.mail.fetching import pause_after, state_after
from domain.mail.reach import Reach, again_since
from domain.mail.states import MailboxState, Start

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "arrived", "seen", "wanted"),
    [
        (Start.NOW, NOON - DAY, False, False),
        (Start.NOW, NOON + DAY, True, True),
        (Start.UNSEEN, NOON - 9 * DAY, False, True),
        (Start.UNSEEN, NOON - DAY, True, False),
        (Start.UNSEEN, NOON + DAY, True, True),
        (Start.SINCE, NOON - 2 * DAY, True, True),
        (Start.SINCE, NOON - 4 * DAY, False, False),
    ],
)
def test_what_lies_there_when_it_is_connected(start: Start, arrived: datetime, seen: bool, wanted: bool) -> None:
    reach = Reach(start, 100, NOON, since=NOON - 3 * DAY)
    assert reach.wants(99, arrived_at=arrived, seen=seen) is wanted
    assert reach.wants(100, arrived_at=arrived, seen=seen)


@pytest.mark.parametrize("start", Start)
def test_when_uids_have_changed_what_came_since_then_is_read_again(start: Start) -> None:
    now = NOON + 30 * DAY
    reach = Reach(start, 100, NOON, since=NOON - 3 * DAY, again_since=again_since(now, now - DAY))
    assert reach.wants(1, arrived_at=now - 6 * DAY, seen=True)
    assert not reach.wants(1, arrived_at=now - 8 * DAY, seen=False)
    assert reach.earliest == now - 7 * DAY


def test_who_has_not_looked_for_longer_looks_further_back() -> None:
    assert again_since(NOON, NOON - 9 * DAY) == NOON - 9 * DAY


def test_from_the_third_error_on_it_is_failing_and_left_alone_for_longer() -> None:
    assert [state_after(errors) for errors in (1, 2, 3)] == [MailboxState.ACTIVE] * 2 + [MailboxState.FAILING]
    pauses = [pause_after(errors, "connection_lost").total_seconds() for errors in range(1, 12)]
    assert pauses == [5, 10, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert pause_after(3, "login_refused").total_seconds() == 900
    assert pause_after(10_000, "too_slow").total_seconds() == 900
