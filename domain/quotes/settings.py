"""What a tenant may set about its quotes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

LONGEST_VALIDITY_DAYS = 366


@dataclass(frozen=True)
class QuoteSettings:
    """`approval_total` is in minor units of the quote's currency, with tax, None for no limit; rates are basis points.

    A quote whose discount or total is above its limit needs a manager's approval. `remind_days_before` are the days
    before the end of its validity at which the customer of a sent quote is reminded, `approval_hours` the time that
    managers have.
    """

    approval_discount_bp: int = 1_000
    approval_total: int | None = 1_000_000_00
    valid_days: int = 30
    remind_days_before: tuple[int, ...] = (3,)
    approval_hours: int = 24
    tax_rate_bp: int = 1_900
    terms: str | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From a tenant's stored settings; what is not set has its default."""
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        if "remind_days_before" in known:
            known["remind_days_before"] = tuple(known["remind_days_before"])
        return cls(**known)
