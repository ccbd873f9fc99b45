"""What a tenant may set about its quotes."""

from dataclasses import dataclass

from domain.settings import TenantSettings

LONGEST_VALIDITY_DAYS = 366


@dataclass(frozen=True)
class QuoteSettings(TenantSettings):
    """`approval_total` is in minor units of the quote's currency, with tax, None for no limit; rates are basis points.

    A quote whose discount or total is above its limit needs a manager's approval. `remind_days_before` are the days
    before the end of its validity at which the customer of a sent quote is reminded, `approval_hours` the time that
    managers have.
    """

    section = "quotes"

    approval_discount_bp: int = 1_000
    approval_total: int | None = 1_000_000_00
    valid_days: int = 30
    remind_days_before: tuple[int, ...] = (3,)
    approval_hours: int = 24
    tax_rate_bp: int = 1_900
    terms: str | None = None
