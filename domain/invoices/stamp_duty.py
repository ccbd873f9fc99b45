"""The duty that Algeria asks on payments in cash: a rate by bracket, on the whole amount."""

from domain.money import BASIS_POINTS, divide_half_up

CURRENCY = "DZD"
FREE_UP_TO = 300_00
_RATES = ((30_000_00, 100), (100_000_00, 150))
_HIGHEST_RATE = 200


def stamp_duty(amount: int, minimum: int) -> int:
    """The duty on so many centimes paid in cash: none up to 300 DA, 1 % up to 30,000, 1.5 % up to 100,000, 2 % above,
    and never less than `minimum` where any is due."""
    if amount <= FREE_UP_TO:
        return 0
    rate = next((rate for limit, rate in _RATES if amount <= limit), _HIGHEST_RATE)
    return max(divide_half_up(amount * rate, BASIS_POINTS), minimum)
