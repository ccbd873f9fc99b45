"""What may become of a callback."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain.callbacks.rules import CallbackState, CallbackStatus, require_plannable
from domain.refusal import Refusal

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
OPEN, PLANNED, DONE, GIVEN_UP = CallbackStatus
ALLOWED = {
    *((OPEN, PLANNED), (OPEN, DONE), (OPEN, GIVEN_UP)),
    *((PLANNED, PLANNED), (PLANNED, DONE), (PLANNED, GIVEN_UP)),
}


@pytest.mark.parametrize(("status", "to"), product(CallbackStatus, CallbackStatus))
def test_it_becomes_what_the_table_says_and_nothing_else(status: CallbackStatus, to: CallbackStatus) -> None:
    state = CallbackState(status=status)
    if (status, to) in ALLOWED:
        assert state.becomes(to, NOW) == CallbackState(status=to, status_since=NOW)
    else:
        with pytest.raises(Refusal) as refusal:
            state.becomes(to, NOW)
        assert refusal.value.code == "callback_settled"


@pytest.mark.parametrize("status", CallbackStatus)
def test_it_is_over_once_it_was_made_or_given_up(status: CallbackStatus) -> None:
    assert CallbackState(status=status).over is (status in (DONE, GIVEN_UP))


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - AN_HOUR, "plan_impossible"),
        (NOW, "plan_impossible"),
        (NOW + timedelta(seconds=1), None),
        (NOW + AN_HOUR, "nothing_changes"),
        (NOW + timedelta(days=366), None),
        (NOW + timedelta(days=366, seconds=1), "plan_impossible"),
        (datetime.max.replace(tzinfo=UTC), "plan_impossible"),
    ],
)
def test_a_call_is_planned_ahead_and_within_a_year(at: datetime, code: str | None) -> None:
    if code is None:
        require_plannable(at, NOW + AN_HOUR, NOW)
    else:
        with pytest.raises(Refusal) as refusal:
            require_plannable(at, NOW + AN_HOUR, NOW)
        assert refusal.value.code == code
