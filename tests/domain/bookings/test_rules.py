"""What may become of a booking, as a table of all pairs, and who comes too early or too late."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.bookings import rules
from domain.bookings.rules import BookingStatus, BookingType
from domain.refusal import Refusal

S = BookingStatus
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
AN_HOUR, A_MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALLOWED = {
    *((S.HELD, to) for to in (S.PENDING, S.CONFIRMED, S.CANCELLED, S.EXPIRED)),
    *((S.PENDING, to) for to in (S.CONFIRMED, S.CANCELLED, S.EXPIRED)),
    *((S.CONFIRMED, to) for to in (S.PENDING, S.IN_PROGRESS, S.COMPLETED, S.NO_SHOW, S.CANCELLED)),
    *((S.IN_PROGRESS, to) for to in (S.COMPLETED, S.NO_SHOW, S.CANCELLED)),
}
ENDS = {S.COMPLETED, S.NO_SHOW, S.CANCELLED, S.EXPIRED}


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


@pytest.mark.parametrize("current", S)
@pytest.mark.parametrize("to", S)
def test_every_pair_of_states(current: S, to: S) -> None:
    if (current, to) in ALLOWED:
        assert rules.transition(current, to) is to
        return
    with pytest.raises(Refusal) as refused:
        rules.transition(current, to)
    assert code_of(refused) == (f"booking_{current}" if current in ENDS else "booking_not_ready")


@pytest.mark.parametrize(
    ("status", "by_customer", "code"),
    [
        (S.HELD, True, None),
        (S.PENDING, False, None),
        (S.PENDING, True, "nothing_changes"),
        (S.CONFIRMED, False, "nothing_changes"),
        (S.IN_PROGRESS, True, "nothing_changes"),
        (S.EXPIRED, True, "booking_expired"),
    ],
)
def test_who_may_confirm(status: S, by_customer: bool, code: str | None) -> None:
    if code is None:
        rules.require_confirmable(status, by_customer=by_customer)
        return
    with pytest.raises(Refusal) as refused:
        rules.require_confirmable(status, by_customer=by_customer)
    assert code_of(refused) == code


def test_who_comes_too_late() -> None:
    rules.require_movable(S.CONFIRMED, NOW + A_MINUTE, NOW)
    rules.require_cancellable(S.CONFIRMED, NOW + A_MINUTE, NOW, by_customer=True)
    rules.require_cancellable(S.IN_PROGRESS, NOW - A_MINUTE, NOW, by_customer=False)
    for late in (
        lambda: rules.require_movable(S.CONFIRMED, NOW, NOW),
        lambda: rules.require_movable(S.IN_PROGRESS, NOW - A_MINUTE, NOW),
        lambda: rules.require_cancellable(S.CONFIRMED, NOW, NOW, by_customer=True),
        lambda: rules.require_cancellable(S.IN_PROGRESS, NOW - A_MINUTE, NOW, by_customer=True),
    ):
        with pytest.raises(Refusal) as refused:
            late()
        assert code_of(refused) in ("booking_begun", "booking_not_ready")


def test_who_comes_too_early() -> None:
    rules.require_arrived(S.CONFIRMED, NOW + AN_HOUR, NOW)
    rules.require_begun(S.CONFIRMED, S.COMPLETED, NOW, NOW)
    rules.require_begun(S.IN_PROGRESS, S.COMPLETED, NOW + A_MINUTE, NOW)
    for early, code in (
        (lambda: rules.require_arrived(S.CONFIRMED, NOW + AN_HOUR + A_MINUTE, NOW), "booking_too_early"),
        (lambda: rules.require_begun(S.CONFIRMED, S.COMPLETED, NOW + A_MINUTE, NOW), "booking_not_begun"),
        (lambda: rules.require_begun(S.CONFIRMED, S.NO_SHOW, NOW + A_MINUTE, NOW), "booking_not_begun"),
        (lambda: rules.require_begun(S.HELD, S.NO_SHOW, NOW, NOW), "booking_not_ready"),
    ):
        with pytest.raises(Refusal) as refused:
            early()
        assert code_of(refused) == code


def test_what_is_not_offered_and_what_is_too_much() -> None:
    rules.require_offered(BookingType.STANDARD, ["standard"])
    rules.require_few_held(4, rules.MOST_HELD)
    with pytest.raises(Refusal) as refused:
        rules.require_offered(BookingType.EMERGENCY, ["standard"])
    assert code_of(refused) == "type_not_offered"
    with pytest.raises(Refusal) as refused:
        rules.require_few_held(5, rules.MOST_HELD)
    assert code_of(refused) == "too_many_held"
