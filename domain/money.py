"""Money: whole minor units of an ISO 4217 currency, rounded half up where it must be rounded, and never a float."""

from collections.abc import Sequence
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

from domain.refusal import Refusal

BASIS_POINTS = 10_000
"""Basis points in the whole: a rate of 1,900 is 19 %."""

LARGEST_AMOUNT = 10**15
"""The largest amount, in minor units. JSON's numbers stay exact up to nine times this, the database's up to nine
thousand times."""


def divide_half_up(numerator: int, denominator: int) -> int:
    """The quotient of two whole numbers, of which none is negative, rounded half up to a whole number."""
    return (2 * numerator + denominator) // (2 * denominator)


@cache
def exponent(currency: str) -> int:
    """How many decimals amounts of the currency have, as CLDR says: DZD and EUR 2, JPY 0, TND 3.

    Raises Refusal `currency_unknown`.
    """
    if currency not in list_currencies():
        raise Refusal("currency_unknown", "This is not the ISO 4217 code of a currency.")
    return get_currency_precision(currency)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Distributes an amount by weight so that the parts add up to it: each is its exact share rounded down, and what
    then is left goes, one unit each, to the largest remainders (of equal ones to the first).

    No part of zero weight gets any; an amount that is no larger than all weights together gives no part more than its
    weight. All weights zero take the amount zero only: raises ValueError otherwise.
    """
    whole = sum(weights)
    if whole == 0:
        if amount:
            raise ValueError("nothing to distribute the amount over")
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(amount * weights[place] % whole))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts
