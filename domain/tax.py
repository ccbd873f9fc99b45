"""What lines cost: discounts, tax by rate and totals, which agree with each other to the minor unit.

A line's amounts are rounded once each, half up, from its exact value; sums are sums of rounded amounts. So the tax of a
rate is the sum of its lines' taxes, and may differ by some minor units from the rate of its rounded base: what is owed
is what the lines say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.money import BASIS_POINTS, LARGEST_AMOUNT, allocate, divide_half_up
from domain.refusal import Refusal

QUANTITY_SCALE = 1_000
"""Quantities have three decimals: 1,500 is one and a half."""


@dataclass(frozen=True)
class PricedLine:
    """What is asked for a line: its quantity in thousandths, a unit price without tax in minor units, rates in basis
    points. `exemption` says why no tax is due on it, where that is so."""

    quantity: int
    unit_price: int
    discount_bp: int = 0
    tax_rate_bp: int = 0
    exemption: str | None = None


@dataclass(frozen=True)
class LineAmounts:
    """Minor units: `gross` before the line's own discount, `net` after it, `document_discount` its share of that of the
    whole document, `tax` on what remains."""

    gross: int
    net: int
    document_discount: int
    tax: int

    @property
    def taxable(self) -> int:
        """What the line costs without tax, after every discount."""
        return self.net - self.document_discount


@dataclass(frozen=True)
class TaxOfRate:
    """The lines of one rate, and of one reason where tax is not due: what they cost without tax, and the tax."""

    rate_bp: int
    exemption: str | None
    taxable: int
    tax: int


@dataclass(frozen=True)
class Totals:
    """Minor units of one currency. `subtotal - discount = taxable`, `taxable + tax = total`, and each of them is the
    sum of what the lines say of it."""

    lines: tuple[LineAmounts, ...]
    taxes: tuple[TaxOfRate, ...]
    subtotal: int
    discount: int
    taxable: int
    tax: int
    total: int


def price(lines: Sequence[PricedLine], discount_bp: int = 0) -> Totals:
    """What the lines cost together when a discount is given on all of them.

    Raises Refusal `exempt_and_taxed` for a line with a reason for no tax and a rate above zero, `amount_too_large`.
    """
    for line in lines:
        if line.exemption is not None and line.tax_rate_bp:
            raise Refusal("exempt_and_taxed", "A line that is exempt from tax has the tax rate 0.")
    nets = [_exact(line, line.discount_bp) for line in lines]
    subtotal = sum(nets)
    discount = divide_half_up(subtotal * discount_bp, BASIS_POINTS)
    shares = allocate(discount, nets)
    amounts = tuple(
        LineAmounts(gross(line), net, share, _tax(line, discount_bp))
        for line, net, share in zip(lines, nets, shares, strict=True)
    )
    tax = sum(line.tax for line in amounts)
    total = subtotal - discount + tax
    if max((total, *(line.gross for line in amounts))) > LARGEST_AMOUNT:
        raise Refusal("amount_too_large", "The amounts are larger than can be reckoned with.")
    return Totals(
        lines=amounts,
        taxes=by_rate(lines, amounts),
        subtotal=subtotal,
        discount=discount,
        taxable=subtotal - discount,
        tax=tax,
        total=total,
    )


def gross(line: PricedLine) -> int:
    """What the line costs without tax and before every discount, in minor units."""
    return _exact(line, 0)


def _exact(line: PricedLine, discount_bp: int) -> int:
    numerator = line.quantity * line.unit_price * (BASIS_POINTS - discount_bp)
    return divide_half_up(numerator, QUANTITY_SCALE * BASIS_POINTS)


def _tax(line: PricedLine, document_discount_bp: int) -> int:
    """Computed from the exact value of the line, not from its rounded net. So the tax is the same whether a discount is
    given on the line or on the document."""
    numerator = (
        line.quantity
        * line.unit_price
        * (BASIS_POINTS - line.discount_bp)
        * (BASIS_POINTS - document_discount_bp)
        * line.tax_rate_bp
    )
    return divide_half_up(numerator, QUANTITY_SCALE * BASIS_POINTS**3)


def by_rate(lines: Sequence[PricedLine], amounts: Sequence[LineAmounts]) -> tuple[TaxOfRate, ...]:
    """The tax of lines by rate, the highest first; lines that are exempt for the same reason together."""
    found: dict[tuple[int, str | None], TaxOfRate] = {}
    for line, amount in zip(lines, amounts, strict=True):
        key = (line.tax_rate_bp, line.exemption)
        so_far = found.get(key) or TaxOfRate(line.tax_rate_bp, line.exemption, 0, 0)
        found[key] = TaxOfRate(
            line.tax_rate_bp, line.exemption, so_far.taxable + amount.taxable, so_far.tax + amount.tax
        )
    return tuple(sorted(found.values(), key=lambda tax: (-tax.rate_bp, tax.exemption or "")))
