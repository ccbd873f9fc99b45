"""The rules of quotes: transitions, approval, validity."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.quotes import rules
from domain.quotes.rules import TRANSITIONS, QuoteStatus
from domain.quotes.settings import QuoteSettings
from domain.refusal import Refusal

S = QuoteStatus
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", QuoteStatus)
def test_every_state_says_what_may_follow(status: QuoteStatus) -> None:
    for to in QuoteStatus:
        if to in TRANSITIONS[status]:
            assert rules.transition(status, to) is to
        else:
            with pytest.raises(Refusal) as refused:
                rules.transition(status, to)
            assert refused.value.code.startswith(("quote_", "transition_"))


@pytest.mark.parametrize(
    ("status", "to", "code"),
    [
        (S.SENT, S.PENDING_APPROVAL, "quote_not_draft"),
        (S.SENT, S.DRAFT, "quote_not_draft"),
        (S.DRAFT, S.SENT, "quote_not_approved"),
        (S.SENT, S.SENT, "quote_not_approved"),
        (S.APPROVED, S.ACCEPTED, "quote_not_sent"),
        (S.EXPIRED, S.ACCEPTED, "quote_expired"),
        (S.SUPERSEDED, S.ACCEPTED, "quote_superseded"),
        (S.ACCEPTED, S.ACCEPTED, "quote_accepted"),
        (S.ACCEPTED, S.DECLINED, "quote_accepted"),
        (S.ACCEPTED, S.SUPERSEDED, "quote_accepted"),
        (S.CONVERTED, S.SUPERSEDED, "quote_converted"),
        (S.DECLINED, S.ACCEPTED, "quote_declined"),
        (S.DRAFT, S.SUPERSEDED, "quote_not_sent"),
        (S.SENT, S.CONVERTED, "quote_not_accepted"),
        (S.CONVERTED, S.CONVERTED, "quote_converted"),
        (S.DRAFT, S.EXPIRED, "transition_not_allowed"),
    ],
)
def test_a_refusal_says_why(status: QuoteStatus, to: QuoteStatus, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.transition(status, to)
    assert refused.value.code == code


def test_only_drafts_and_rejected_ones_are_edited() -> None:
    editable = {status for status in S if not _refused(lambda status=status: rules.require_editable(status))}
    assert editable == {S.DRAFT, S.REJECTED}


def test_only_a_first_draft_is_deleted() -> None:
    rules.require_deletable(S.DRAFT, 1)
    assert _refused(lambda: rules.require_deletable(S.REJECTED, 1)) == "quote_not_draft"
    assert _refused(lambda: rules.require_deletable(S.DRAFT, 2)) == "quote_replaces_another"


def test_validity_ends_to_the_second() -> None:
    rules.require_in_time(S.SENT, NOW, NOW - timedelta(microseconds=1))
    assert _refused(lambda: rules.require_in_time(S.SENT, NOW, NOW)) == "quote_expired"
    rules.require_in_time(S.ACCEPTED, NOW, NOW + timedelta(days=1))


def test_validity_lasts_to_the_end_of_its_last_day_where_the_tenant_is() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already the 21st in Algiers
    until = rules.validity_end(late, 30, "Africa/Algiers")
    assert until == datetime(2026, 12, 21, 23, 0, tzinfo=UTC)
    assert rules.last_valid_day(until, "Africa/Algiers") == date(2026, 12, 21)
    across_the_change = rules.validity_end(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), 10, "Europe/Paris")
    assert across_the_change == datetime(2026, 3, 30, 22, 0, tzinfo=UTC)


def test_what_is_above_a_limit_needs_approval() -> None:
    settings = QuoteSettings(approval_discount_bp=1_000, approval_total=500)
    assert not rules.needs_approval(500, 1_000, settings)
    assert rules.needs_approval(501, 0, settings)
    assert rules.needs_approval(1, 1_001, settings)
    assert not rules.needs_approval(10**12, 0, QuoteSettings(approval_total=None))


def test_two_discounts_count_together() -> None:
    assert rules.discount_given_bp([0, 500], 600) == 1_070
    assert rules.discount_given_bp([1], 1) == 2
    assert rules.discount_given_bp([0], 0) == 0
    assert rules.discount_given_bp([10_000], 500) == 10_000


def test_settings_take_what_is_stored() -> None:
    assert QuoteSettings.of({}) == QuoteSettings()
    stored = QuoteSettings.of({"remind_days_before": [7, 1], "approval_total": None, "unknown": 1})
    assert stored == QuoteSettings(remind_days_before=(7, 1), approval_total=None)


def _refused(ask: object) -> str | None:
    try:
        ask()  # type: ignore[operator]
    except Refusal as refusal:
        return refusal.code
    return None
