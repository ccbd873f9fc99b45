"""What reports mean, and how much is too much."""

import pytest

from domain.mail.bouncing import Bounce, bounce
from domain.mail.flood import floods, may_answer
from domain.mail.reading.content import Report


@pytest.mark.parametrize(
    ("action", "status", "means"),
    [
        ("failed", "5.1.1", Bounce.GONE),
        ("failed", "5.1.10", Bounce.GONE),
        ("failed", "5.2.2", Bounce.REFUSED),
        ("failed", "5.7.1", Bounce.REFUSED),
        ("failed", "5.11.1", Bounce.REFUSED),
        ("failed", "4.4.7", Bounce.REFUSED),
        ("failed", "", Bounce.REFUSED),
        ("delayed", "4.4.1", Bounce.DELAYED),
        ("delayed", "5.1.1", Bounce.DELAYED),
        ("relayed", "2.0.0", Bounce.NOTHING),
        ("delivered", "2.1.5", Bounce.NOTHING),
        ("", "nonsense", Bounce.NOTHING),
    ],
)
def test_what_a_report_means(action: str, status: str, means: Bounce) -> None:
    assert bounce(Report("a@b.example", action, status)) is means


@pytest.mark.parametrize(("opened", "on_ticket", "too_much"), [(19, 9, False), (20, 0, True), (0, 10, True)])
def test_what_floods(opened: int, on_ticket: int, too_much: bool) -> None:
    assert floods(opened=opened, on_ticket=on_ticket) is too_much


@pytest.mark.parametrize(("hour", "day", "may"), [(0, 0, True), (2, 9, True), (3, 3, False), (0, 10, False)])
def test_how_often_an_address_is_answered(hour: int, day: int, may: bool) -> None:
    assert may_answer(within_hour=hour, within_day=day) is may
