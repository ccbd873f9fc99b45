"""What bookings cost: surcharges, emergencies and promos, line by line, in worked examples and for any terms at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.bookings.pricing import LineKind, PeakWindow, Price, PriceLine, PriceTerms, Promo, price, refuse_promo
from domain.money import LARGEST_AMOUNT
from domain.refusal import Refusal

WORKDAYS = frozenset(range(5))
EVENING = PeakWindow(WORKDAYS, 17 * 60, 20 * 60, 2_500)
TERMS = PriceTerms(
    "EUR", 45, base=40_01, peak=(EVENING,), weekend_bp=1_000, weekend_days=frozenset({4, 5}), emergency_bp=15_000
)
TENTH, TENNER = Promo("TENTH", percent_bp=1_000), Promo("TENNER", amount=10_00, currency="EUR")
MONDAY = datetime(2026, 11, 2, 10, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 11, 6, 18, tzinfo=UTC)


def lines(of: Price) -> dict[str, int]:
    assert of.total == sum(line.amount for line in of.lines)
    return {line.kind.value: line.amount for line in of.lines}


def test_a_plain_price() -> None:
    assert price(TERMS, MONDAY) == Price(40_01, "EUR", (PriceLine(LineKind.BASE, 40_01),))
    assert price(TERMS, MONDAY.replace(hour=17)).lines[1] == PriceLine(LineKind.PEAK, 10_00, 2_500)


def test_an_hourly_rate_over_the_standard_duration_counts_where_there_is_no_price() -> None:
    assert lines(price(PriceTerms("EUR", 45, hourly=50_01), MONDAY)) == {"hourly": 37_51}
    assert lines(price(PriceTerms("EUR", 45, base=10_00, hourly=50_01), MONDAY)) == {"base": 10_00}
    assert lines(price(PriceTerms("EUR", 45, base=0, hourly=50_01), MONDAY)) == {"base": 0}
    assert lines(price(PriceTerms("EUR", 45), MONDAY)) == {"base": 0}


@pytest.mark.parametrize(
    ("start", "emergency", "promo", "expected"),
    [
        (MONDAY, True, None, {"base": 40_01, "emergency": 20_01}),
        (MONDAY, False, TENTH, {"base": 40_01, "promo": -4_00}),
        (MONDAY, False, TENNER, {"base": 40_01, "promo": -10_00}),
        (FRIDAY_EVENING, False, None, {"base": 40_01, "peak": 10_00, "weekend": 4_00}),
        (
            *(FRIDAY_EVENING, True, TENTH),
            {"base": 40_01, "peak": 10_00, "weekend": 4_00, "emergency": 27_01, "promo": -8_10},
        ),
        (MONDAY, False, Promo("ALL", percent_bp=10_000), {"base": 40_01, "promo": -40_01}),
        (MONDAY, False, replace(TENNER, amount=50_00), {"base": 40_01, "promo": -40_01}),
    ],
)
def test_worked_examples(start: datetime, emergency: bool, promo: Promo | None, expected: dict[str, int]) -> None:
    assert lines(price(TERMS, start, emergency=emergency, promo=promo)) == expected


@pytest.mark.parametrize(
    ("opens", "closes", "first", "last"),
    [
        (17 * 60, 20 * 60, "02 17:00", "02 19:59"),
        (20 * 60, 2 * 60, "02 20:00", "03 01:59"),
        (17 * 60, 24 * 60, "02 17:00", "02 23:59"),
        (17 * 60, 0, "02 17:00", "02 23:59"),
        (0, 0, "02 00:00", "02 23:59"),
    ],
)
def test_peak_hours_begin_on_their_weekdays_and_may_run_over_midnight(
    opens: int, closes: int, first: str, last: str
) -> None:
    window = PeakWindow(frozenset({0}), opens, closes, 100)
    week = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(7 * 1440)]
    peak = [at for at in week if window.holds(at)]
    assert [peak[0].strftime("%d %H:%M"), peak[-1].strftime("%d %H:%M")] == [first, last]
    assert peak[-1] - peak[0] == timedelta(minutes=len(peak) - 1)


def test_of_peak_hours_that_overlap_the_dearest_count() -> None:
    terms = replace(TERMS, peak=(EVENING, replace(EVENING, surcharge_bp=5_000), replace(EVENING, surcharge_bp=1)))
    assert lines(price(terms, MONDAY.replace(hour=18))) == {"base": 40_01, "peak": 20_01}


def test_a_promo_is_refused_for_the_reason_that_is_so() -> None:
    service, now = UUID(int=1), MONDAY
    second = timedelta(seconds=1)
    for code, promo in {
        "promo_not_yet": replace(TENTH, valid_from=now + second),
        "promo_expired": replace(TENTH, valid_until=now),
        "promo_used_up": replace(TENTH, max_uses=3, used=3),
        "promo_other_service": replace(TENTH, service_ids=frozenset({UUID(int=2)})),
        "promo_other_currency": replace(TENNER, currency="DZD"),
    }.items():
        with pytest.raises(Refusal) as refusal:
            refuse_promo(promo, service, "EUR", now)
        assert refusal.value.code == code
    fits = replace(
        TENNER, valid_from=now, valid_until=now + second, max_uses=3, used=2, service_ids=frozenset({service})
    )
    refuse_promo(fits, service, "EUR", now)
    refuse_promo(TENTH, service, "DZD", now)


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("currency_unknown", lambda: replace(TERMS, currency="XXZ")),
        ("price_terms_invalid", lambda: replace(TERMS, base=-1)),
        ("price_terms_invalid", lambda: replace(TERMS, hourly=LARGEST_AMOUNT + 1)),
        ("price_terms_invalid", lambda: replace(TERMS, duration_minutes=0)),
        ("price_terms_invalid", lambda: replace(TERMS, weekend_bp=-1)),
        ("price_terms_invalid", lambda: replace(TERMS, emergency_bp=9_999)),
        ("price_terms_invalid", lambda: replace(TERMS, weekend_days=frozenset({7}))),
        ("price_terms_invalid", lambda: replace(EVENING, opens=1440)),
        ("price_terms_invalid", lambda: replace(EVENING, weekdays=frozenset({-1}))),
        ("price_terms_invalid", lambda: replace(EVENING, surcharge_bp=1_000_001)),
        ("promo_invalid", lambda: Promo("NOTHING")),
        ("promo_invalid", lambda: replace(TENTH, amount=1, currency="EUR")),
        ("promo_invalid", lambda: Promo("BARE", amount=1)),
        ("promo_invalid", lambda: replace(TENTH, currency="EUR")),
        ("promo_invalid", lambda: replace(TENTH, percent_bp=0)),
        ("promo_invalid", lambda: replace(TENTH, percent_bp=10_001)),
        ("promo_invalid", lambda: replace(TENNER, amount=0)),
        ("amount_too_large", lambda: price(replace(TERMS, base=LARGEST_AMOUNT), MONDAY, emergency=True)),
    ],
)
def test_what_no_terms_may_be(code: str, build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refusal) as refusal:
        build()
    assert refusal.value.code == code


AMOUNTS = st.none() | st.integers(0, 10**7) | st.integers(0, 10**12)
RATES = st.integers(0, 20_000)
TERMS_OF_ANY_KIND = st.builds(
    PriceTerms,
    currency=st.sampled_from(["EUR", "DZD", "JPY", "TND"]),
    duration_minutes=st.integers(1, 10_080),
    base=AMOUNTS,
    hourly=AMOUNTS,
    peak=st.lists(
        st.builds(PeakWindow, st.frozensets(st.integers(0, 6)), st.integers(0, 1439), st.integers(0, 1440), RATES),
        max_size=3,
    ).map(tuple),
    weekend_bp=RATES,
    weekend_days=st.frozensets(st.integers(0, 6)),
    emergency_bp=st.integers(10_000, 50_000),
)
PROMOS = (
    st.none()
    | st.builds(Promo, st.just("P"), percent_bp=st.integers(1, 10_000))
    | st.builds(Promo, st.just("P"), amount=st.integers(1, 10**9), currency=st.just("EUR"))
)


@settings(deadline=None, max_examples=150)
@given(TERMS_OF_ANY_KIND, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.booleans(), PROMOS)  # noqa: DTZ001
def test_lines_add_up_and_none_is_further_from_its_exact_value_than_half_a_unit(
    terms: PriceTerms, local: datetime, emergency: bool, promo: Promo | None
) -> None:
    priced = price(terms, local, emergency=emergency, promo=promo)
    assert priced.total == sum(line.amount for line in priced.lines) >= 0
    kinds = [line.kind for line in priced.lines]
    assert kinds == sorted(set(kinds), key=list(LineKind).index)
    first, *others = priced.lines
    so_far = first.amount
    if terms.base is None and terms.hourly is not None:
        near(first.amount, Fraction(terms.hourly * terms.duration_minutes, 60))
    for line in others:
        rate = None if line.rate_bp is None else Fraction(line.rate_bp, 10_000)
        if line.kind is LineKind.PROMO:
            near(-line.amount, so_far * rate) if rate is not None else near(-line.amount, min(so_far, promo.amount))  # type: ignore[union-attr,type-var]
        else:
            assert rate is not None
            near(line.amount, so_far * (rate - 1) if line.kind is LineKind.EMERGENCY else first.amount * rate)
        so_far += line.amount


def near(amount: int, exact: Fraction | int) -> None:
    assert Fraction(-1, 2) < amount - exact <= Fraction(1, 2)
