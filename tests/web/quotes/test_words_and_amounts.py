"""Amounts, rates and ends of validity as they are typed and said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.http.languages import LANGUAGES
from web.quotes.amounts import amount_text, basis_points_of, minor_of, quantity_of, quantity_text, rate_text
from web.quotes.validity import until


@pytest.mark.parametrize(
    ("text", "currency", "language", "minor"),
    [
        ("95000", "DZD", "en", 9_500_000),
        ("95,000.50", "DZD", "en", 9_500_050),
        ("95 000,50", "DZD", "fr", 9_500_050),
        ("95\u202f000,5", "DZD", "fr", 9_500_050),
        ("95000.50", "DZD", "fr", 9_500_050),
        ("1,5", "DZD", "en", "1,5"),
        ("1.234", "DZD", "en", "1.234"),
        ("1.234", "TND", "en", 1_234),
        ("100", "JPY", "en", 100),
        ("nan", "DZD", "en", "nan"),
        ("seven", "DZD", "en", "seven"),
        ("", "DZD", "en", ""),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(text: str, currency: str, language: str, minor: int | str) -> None:
    assert minor_of(text, currency, language) == minor


@given(st.integers(0, 10**12), st.sampled_from(["DZD", "TND", "JPY"]), st.sampled_from(sorted(LANGUAGES)))
def test_what_stands_in_a_field_comes_back_as_it_was(minor: int, currency: str, language: str) -> None:
    assert minor_of(amount_text(minor, currency, language), currency, language) == minor


@given(st.integers(0, 10_000), st.sampled_from(sorted(LANGUAGES)))
def test_so_does_a_rate(rate: int, language: str) -> None:
    assert basis_points_of(rate_text(rate, language), language) == rate
    assert basis_points_of(f"{rate_text(rate, language)} %", language) == rate


@given(st.decimals("0.001", "1000000", places=3), st.sampled_from(sorted(LANGUAGES)))
def test_and_a_quantity(quantity: Decimal, language: str) -> None:
    assert Decimal(quantity_of(quantity_text(quantity, language), language)) == quantity


def test_midnight_ends_the_day_that_is_said() -> None:
    # Algiers is one hour before UTC all year.
    end = datetime(2026, 11, 26, 23, tzinfo=UTC)
    said = until(end, end - timedelta(days=4, hours=12, minutes=5), "Africa/Algiers", "en")
    assert (said.day, said.clock, said.place) == ("Thursday 26 November", "", "Algiers")
    assert (said.days, said.hours, said.minutes) == (4, 12, 5)
    elsewhere = until(end, end + timedelta(hours=1), "UTC", "fr")
    assert (elsewhere.day, elsewhere.clock, elsewhere.place) == ("jeudi 26 novembre", "23:00", "UTC")
    assert (elsewhere.days, elsewhere.hours, elsewhere.minutes) == (0, 0, 0)
