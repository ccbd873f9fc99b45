"""What lines cost: the sums agree to the minor unit, whatever the lines are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import allocate, divide_half_up, exponent
from domain.refusal import Refusal
from domain.tax import PricedLine, price

RATES = st.sampled_from([0, 550, 900, 1900, 2000, 2200])
LINES = st.lists(
    st.builds(
        PricedLine,
        quantity=st.integers(1, 10**7),
        unit_price=st.integers(0, 10**8),
        discount_bp=st.integers(0, 10_000),
        tax_rate_bp=RATES,
    ),
    min_size=1,
    max_size=30,
)
DISCOUNT = st.integers(0, 10_000)


@pytest.mark.parametrize(("of_line", "of_document"), [(400, 0), (0, 400)])
def test_the_known_case_is_right_wherever_the_discount_is_given(of_line: int, of_document: int) -> None:
    line = PricedLine(quantity=16_000, unit_price=348_35, discount_bp=of_line, tax_rate_bp=2200)
    totals = price([line], of_document)
    assert totals.lines[0].gross == 5573_60
    assert totals.taxable == 5350_66
    assert totals.tax == 1177_14
    assert totals.total == 6527_80


@given(LINES, DISCOUNT)
def test_every_sum_is_the_sum_of_what_the_lines_say(lines: list[PricedLine], discount_bp: int) -> None:
    totals = price(lines, discount_bp)
    assert totals.subtotal == sum(line.net for line in totals.lines)
    assert totals.discount == sum(line.document_discount for line in totals.lines)
    assert totals.discount == divide_half_up(totals.subtotal * discount_bp, 10_000)
    assert totals.taxable == sum(line.taxable for line in totals.lines) == sum(tax.taxable for tax in totals.taxes)
    assert totals.tax == sum(line.tax for line in totals.lines) == sum(tax.tax for tax in totals.taxes)
    assert totals.total == totals.taxable + totals.tax
    assert totals.subtotal - totals.discount == totals.taxable


@given(LINES, DISCOUNT)
def test_no_amount_is_negative_and_no_discount_larger_than_its_line(lines: list[PricedLine], discount_bp: int) -> None:
    for line in price(lines, discount_bp).lines:
        assert 0 <= line.document_discount <= line.net <= line.gross
        assert line.tax >= 0


@given(LINES, DISCOUNT)
def test_each_amount_is_at_most_half_a_unit_from_its_exact_value(lines: list[PricedLine], discount_bp: int) -> None:
    for line, amounts in zip(lines, price(lines, discount_bp).lines, strict=True):
        net = Fraction(line.quantity * line.unit_price * (10_000 - line.discount_bp), 10_000_000)
        tax = net * Fraction(10_000 - discount_bp, 10_000) * Fraction(line.tax_rate_bp, 10_000)
        assert abs(amounts.net - net) <= Fraction(1, 2)
        assert abs(amounts.tax - tax) <= Fraction(1, 2)


@given(LINES, DISCOUNT, st.randoms())
def test_the_order_of_the_lines_does_not_change_what_is_owed(
    lines: list[PricedLine], discount_bp: int, random: object
) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = price(lines, discount_bp), price(shuffled, discount_bp)
    assert (one.subtotal, one.discount, one.tax, one.total) == (other.subtotal, other.discount, other.tax, other.total)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_a_distributed_amount_adds_up(amount: int, weights: list[int]) -> None:
    if not any(weights):
        amount = 0
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        if any(weights):
            assert abs(part - Fraction(amount * weight, sum(weights))) < 1


def test_nothing_cannot_take_something() -> None:
    with pytest.raises(ValueError, match="nothing to distribute"):
        allocate(1, [0, 0])


def test_rates_are_summed_apart_and_so_are_reasons_for_no_tax() -> None:
    totals = price(
        [
            PricedLine(1_000, 100_00, tax_rate_bp=900),
            PricedLine(1_000, 100_00, tax_rate_bp=1900),
            PricedLine(2_500, 10_01, tax_rate_bp=1900),
            PricedLine(1_000, 5_00, exemption="Export, article 42"),
            PricedLine(1_000, 7_00),
        ]
    )
    assert [(tax.rate_bp, tax.exemption, tax.taxable, tax.tax) for tax in totals.taxes] == [
        (1900, None, 125_03, 23_75),
        (900, None, 100_00, 9_00),
        (0, None, 7_00, 0),
        (0, "Export, article 42", 5_00, 0),
    ]


def test_half_a_unit_is_rounded_up() -> None:
    assert [divide_half_up(numerator, 2) for numerator in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert price([PricedLine(quantity=500, unit_price=1)]).total == 1
    assert price([PricedLine(quantity=499, unit_price=1)]).total == 0


def test_what_is_exempt_is_not_taxed() -> None:
    with pytest.raises(Refusal) as refused:
        price([PricedLine(1_000, 1_00, tax_rate_bp=1900, exemption="Export")])
    assert refused.value.code == "exempt_and_taxed"


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        price([PricedLine(10**9, 10**12)])
    assert refused.value.code == "amount_too_large"


@pytest.mark.parametrize(("currency", "decimals"), [("DZD", 2), ("EUR", 2), ("JPY", 0), ("TND", 3)])
def test_currencies_have_the_decimals_of_cldr(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        exponent("ABC")
    assert refused.value.code == "currency_unknown"
