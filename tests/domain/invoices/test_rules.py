"""What an invoice may become, what may be paid, and when dunning comes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendar import BusinessCalendar, Window
from domain.invoices.rules import (
    TRANSITIONS,
    InvoiceStatus,
    due_day,
    due_end,
    invoice_number,
    local_year,
    next_dunning,
    require_draft,
    require_payable,
    require_sendable,
    transition,
)
from domain.invoices.settings import DunningSettings, InvoiceSettings
from domain.invoices.stamp_duty import stamp_duty
from domain.refusal import Refusal

S = InvoiceStatus
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
ALGIERS = "Africa/Algiers"
CALENDAR = BusinessCalendar(ALGIERS, tuple(Window(day, 8 * 60, 17 * 60) for day in (6, 0, 1, 2, 3)))
CODES = {
    S.DRAFT: "invoice_not_issued",
    S.PAID: "invoice_paid",
    S.CANCELLED: "invoice_cancelled",
}


@pytest.mark.parametrize("to", S)
@pytest.mark.parametrize("current", S)
def test_every_pair_of_states(current: InvoiceStatus, to: InvoiceStatus) -> None:
    if to in TRANSITIONS[current]:
        assert transition(current, to) is to
        return
    with pytest.raises(Refusal) as refused:
        transition(current, to)
    otherwise = "invoice_not_draft" if to is S.ISSUED else "transition_not_allowed"
    assert refused.value.code == CODES.get(current, otherwise)


@pytest.mark.parametrize("status", S)
def test_only_a_draft_is_edited_and_only_what_is_owed_is_paid_and_sent(status: InvoiceStatus) -> None:
    if status is not S.DRAFT:
        with pytest.raises(Refusal, match="never changes"):
            require_draft(status)
    if status in CODES:
        for asked in (
            lambda: require_payable(status, 1, 1, NOON, NOON),
            lambda: require_sendable(status, None),
        ):
            with pytest.raises(Refusal) as refused:
                asked()
            assert refused.value.code == CODES[status]
    else:
        require_payable(status, 1, 1, NOON, NOON)
        require_sendable(status, None)


@pytest.mark.parametrize(
    ("amount", "paid_at", "code"),
    [(101, NOON, "overpayment"), (100, NOON + timedelta(days=2), "payment_in_future")],
)
def test_what_is_not_taken_as_a_payment(amount: int, paid_at: datetime, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_payable(S.SENT, amount, 100, paid_at, NOON)
    assert refused.value.code == code


def test_a_term_ends_with_its_last_day_where_the_company_is() -> None:
    issued_at = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # The 20th in Algiers.
    until = due_end(issued_at, 10, ALGIERS)
    assert until == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert due_day(until, ALGIERS) == date(2026, 11, 30)
    assert due_day(due_end(issued_at, 0, ALGIERS), ALGIERS) == date(2026, 11, 20)


def test_the_year_of_a_number_is_the_companys() -> None:
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert (local_year(eve, ALGIERS), local_year(eve, "UTC")) == (2027, 2026)
    assert invoice_number("INV", 2027, 42) == "INV-2027-000042"


@pytest.mark.parametrize(
    ("level", "last_at", "not_before", "expected"),
    [
        (0, None, NOON, datetime(2026, 12, 3, 7, tzinfo=UTC)),
        # The 10th is a Thursday after the weekend's shift of nothing; the 20th a Sunday.
        (1, datetime(2026, 12, 3, 7, tzinfo=UTC), NOON, datetime(2026, 12, 10, 7, tzinfo=UTC)),
        (2, datetime(2026, 12, 10, 7, tzinfo=UTC), NOON, datetime(2026, 12, 20, 7, tzinfo=UTC)),
        (3, datetime(2026, 12, 20, 7, tzinfo=UTC), NOON, datetime(2026, 12, 30, 7, tzinfo=UTC)),
        # Late by weeks: a day after the one before, and in business hours.
        (1, datetime(2027, 1, 7, 7, tzinfo=UTC), NOON, datetime(2027, 1, 10, 7, tzinfo=UTC)),
        # The company was found shut at night.
        (0, None, datetime(2026, 12, 3, 22, tzinfo=UTC), datetime(2026, 12, 6, 7, tzinfo=UTC)),
    ],
)
def test_when_dunning_comes(level: int, last_at: datetime | None, not_before: datetime, expected: datetime) -> None:
    due_at = datetime(2026, 11, 30, 23, tzinfo=UTC)
    at = next_dunning(
        due_at,
        DunningSettings(),
        level,
        last_at=last_at,
        not_before=not_before,
        calendar=CALENDAR,
        timezone=ALGIERS,
    )
    assert at == expected
    assert CALENDAR.is_open(at)


@pytest.mark.parametrize(
    ("amount", "duty"),
    [
        (300_00, 0),
        (300_01, 5_00),
        (500_00, 5_00),
        (600_00, 6_00),
        (30_000_00, 300_00),
        (30_000_01, 450_00),
        (100_000_00, 1_500_00),
        (100_000_01, 2_000_00),
        (59_500_00, 892_50),
    ],
)
def test_stamp_duty_is_a_rate_on_the_whole_amount(amount: int, duty: int) -> None:
    assert stamp_duty(amount, 5_00) == duty


def test_a_workflow_knows_of_the_settings_what_it_decides_by() -> None:
    stored = {"invoices": {"dunning_days": [1, 2], "iban": "FR7630006000011234567890189", "hand_over_days": 9}}
    assert DunningSettings.in_force(stored) == DunningSettings((1, 2), 9)
    assert InvoiceSettings.in_force(stored).iban == "FR7630006000011234567890189"
