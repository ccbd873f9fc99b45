"""What a booking costs, line by line.

Amounts are whole minor units. Each line is rounded once, half up, and the total is the sum of the lines. Surcharges for
peak hours and weekends are reckoned from the price without them; the emergency multiplier takes them along; a promo
comes off what all that makes, down to zero and no further.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.calendar import MINUTES_A_DAY
from domain.money import BASIS_POINTS, LARGEST_AMOUNT, divide_half_up, exponent
from domain.refusal import Refusal

LARGEST_RATE_BP = 100 * BASIS_POINTS
MINUTES_AN_HOUR = 60


class LineKind(StrEnum):
    BASE = "base"
    HOURLY = "hourly"
    PEAK = "peak"
    WEEKEND = "weekend"
    EMERGENCY = "emergency"
    PROMO = "promo"


@dataclass(frozen=True, slots=True)
class PeakWindow:
    """Hours that cost more: on these weekdays (0 is Monday), in local minutes of the day.

    `closes` at or before `opens` means over midnight, into a day that need not be one of the weekdays. Raises Refusal
    `price_terms_invalid`.
    """

    weekdays: frozenset[int]
    opens: int
    closes: int
    surcharge_bp: int

    def __post_init__(self) -> None:
        _refuse_weekdays(self.weekdays)
        if not (0 <= self.opens < MINUTES_A_DAY and 0 <= self.closes <= MINUTES_A_DAY):
            raise Refusal("price_terms_invalid", "Peak hours lie between 00:00 and 24:00.")
        _refuse_rate(self.surcharge_bp, least=0)

    def holds(self, local: datetime) -> bool:
        """Whether it is peak time when the clock on the wall reads so."""
        minute = local.hour * 60 + local.minute
        if self.opens < self.closes:
            return local.weekday() in self.weekdays and self.opens <= minute < self.closes
        evening = local.weekday() in self.weekdays and minute >= self.opens
        return evening or ((local.weekday() - 1) % 7 in self.weekdays and minute < self.closes)


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """What a service costs: `base` for the whole appointment or, without it, `hourly` over its standard duration. A
    service with neither is free.

    `emergency_bp` multiplies: 15,000 is one and a half times the price. Raises Refusal `price_terms_invalid`, and
    `currency_unknown` for what is no ISO 4217 code.
    """

    currency: str
    duration_minutes: int
    base: int | None = None
    hourly: int | None = None
    peak: tuple[PeakWindow, ...] = ()
    weekend_bp: int = 0
    weekend_days: frozenset[int] = frozenset({5, 6})
    emergency_bp: int = BASIS_POINTS

    def __post_init__(self) -> None:
        exponent(self.currency)
        _refuse_weekdays(self.weekend_days)
        _refuse_rate(self.weekend_bp, least=0)
        _refuse_rate(self.emergency_bp, least=BASIS_POINTS)
        if self.duration_minutes < 1:
            raise Refusal("price_terms_invalid", "An appointment takes at least a minute.")
        for amount in (self.base, self.hourly):
            if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
                raise Refusal("price_terms_invalid", f"A price lies between 0 and {LARGEST_AMOUNT}.")


@dataclass(frozen=True, slots=True)
class Promo:
    """A code that takes a share (basis points) or an amount of one currency off the price.

    It can be used in [`valid_from`, `valid_until`), for these services or for all, so many times or without limit. What
    counts is when a booking is made, not when its appointment is. Raises Refusal `promo_invalid`.
    """

    code: str
    percent_bp: int | None = None
    amount: int | None = None
    currency: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    max_uses: int | None = None
    used: int = 0
    service_ids: frozenset[UUID] | None = None

    def __post_init__(self) -> None:
        if (self.percent_bp is None) == (self.amount is None) or (self.amount is None) != (self.currency is None):
            raise Refusal("promo_invalid", "A promo takes off either a share or an amount of a currency.")
        if self.percent_bp is not None and not 0 < self.percent_bp <= BASIS_POINTS:
            raise Refusal("promo_invalid", "A promo takes off between nothing and all of a price.")
        if self.amount is not None and not 0 < self.amount <= LARGEST_AMOUNT:
            raise Refusal("promo_invalid", f"A promo takes off an amount between 1 and {LARGEST_AMOUNT}.")


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of a price: minor units, below zero for a promo; with the rate that made it, where one did."""

    kind: LineKind
    amount: int
    rate_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """The total in minor units of the currency, which the lines add up to."""

    total: int
    currency: str
    lines: tuple[PriceLine, ...]


def price(terms: PriceTerms, local: datetime, *, emergency: bool = False, promo: Promo | None = None) -> Price:
    """What an appointment costs that starts when the clock of the service reads `local`.

    A promo is taken as it is: whether it may be used says `refuse_promo`. Raises Refusal `amount_too_large`.
    """
    lines = list(_before_promo(terms, local, emergency))
    subtotal = sum(line.amount for line in lines)
    if subtotal > LARGEST_AMOUNT:
        raise Refusal("amount_too_large", "The amounts are larger than can be reckoned with.")
    if promo is not None:
        share = None if promo.percent_bp is None else divide_half_up(subtotal * promo.percent_bp, BASIS_POINTS)
        off = min(subtotal, (promo.amount or 0) if share is None else share)
        lines.append(PriceLine(LineKind.PROMO, -off, promo.percent_bp))
    return Price(sum(line.amount for line in lines), terms.currency, tuple(lines))


def refuse_promo(promo: Promo, service_id: UUID, currency: str, now: datetime) -> None:
    """Raises Refusal when the promo cannot be used now for the service: `promo_not_yet`, `promo_expired`,
    `promo_used_up`, `promo_other_service`, `promo_other_currency`."""
    if promo.valid_from is not None and now < promo.valid_from:
        raise Refusal("promo_not_yet", "This promo code cannot be used yet.")
    if promo.valid_until is not None and now >= promo.valid_until:
        raise Refusal("promo_expired", "This promo code has expired.")
    if promo.max_uses is not None and promo.used >= promo.max_uses:
        raise Refusal("promo_used_up", "This promo code has been used as often as it can be.")
    if promo.service_ids is not None and service_id not in promo.service_ids:
        raise Refusal("promo_other_service", "This promo code is for other services.")
    if promo.currency is not None and promo.currency != currency:
        raise Refusal("promo_other_currency", "This promo code is an amount of another currency.")


def _before_promo(terms: PriceTerms, local: datetime, emergency: bool) -> Iterator[PriceLine]:
    if terms.base is None and terms.hourly is not None:
        plain = divide_half_up(terms.hourly * terms.duration_minutes, MINUTES_AN_HOUR)
        yield PriceLine(LineKind.HOURLY, plain)
    else:
        plain = terms.base or 0
        yield PriceLine(LineKind.BASE, plain)
    # Of peak hours that overlap the dearest count, not all of them.
    peak_bp = max((window.surcharge_bp for window in terms.peak if window.holds(local)), default=0)
    weekend_bp = terms.weekend_bp if local.weekday() in terms.weekend_days else 0
    subtotal = plain
    for kind, rate_bp in ((LineKind.PEAK, peak_bp), (LineKind.WEEKEND, weekend_bp)):
        if rate_bp:
            surcharge = divide_half_up(plain * rate_bp, BASIS_POINTS)
            subtotal += surcharge
            yield PriceLine(kind, surcharge, rate_bp)
    if emergency and terms.emergency_bp > BASIS_POINTS:
        more = divide_half_up(subtotal * (terms.emergency_bp - BASIS_POINTS), BASIS_POINTS)
        yield PriceLine(LineKind.EMERGENCY, more, terms.emergency_bp)


def _refuse_weekdays(weekdays: frozenset[int]) -> None:
    if not weekdays <= frozenset(range(7)):
        raise Refusal("price_terms_invalid", "A weekday is a number from 0 (Monday) to 6 (Sunday).")


def _refuse_rate(rate_bp: int, least: int) -> None:
    if not least <= rate_bp <= LARGEST_RATE_BP:
        raise Refusal("price_terms_invalid", f"This rate lies between {least} and {LARGEST_RATE_BP} basis points.")
