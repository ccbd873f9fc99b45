"""Money, rates and quantities in payloads: whole numbers wherever a fraction could be lost."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.money import exponent
from domain.refusal import Refusal
from domain.tax import QUANTITY_SCALE


def _known(currency: str) -> str:
    try:
        exponent(currency)
    except Refusal as refusal:
        raise ValueError(refusal.sentence) from None
    return currency


Currency = Annotated[
    str, Field(pattern=r"^[A-Z]{3}$", examples=["DZD"], description="ISO 4217"), AfterValidator(_known)
]
Minor = Annotated[int, Field(ge=0, le=10**12, description="In minor units of the currency: 34835 is 348.35 EUR")]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="1900 is 19 %")]
Quantity = Annotated[
    Decimal, Field(gt=0, le=1_000_000, decimal_places=3, max_digits=10, description="With up to three decimals")
]


def thousandths(quantity: Decimal) -> int:
    """A quantity as it is kept."""
    return int(quantity * QUANTITY_SCALE)


def quantity_of(kept: int) -> Decimal:
    """A kept quantity as it goes out: with the decimals that it needs."""
    whole, rest = divmod(kept, QUANTITY_SCALE)
    return Decimal(whole) if not rest else Decimal(kept).scaleb(-3).normalize()
