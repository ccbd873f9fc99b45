"""What a tenant may set about its orders."""

from dataclasses import dataclass

from domain.settings import TenantSettings


@dataclass(frozen=True)
class OrderSettings(TenantSettings):
    """`validate_direct` has staff look at every order that no quote preceded; `validate_above` at one from an accepted
    quote whose total is above it (minor units, with tax), None for never. `validation_hours` is the time that they
    have.

    With `payment_first` an order is fulfilled when its invoice is paid, and cancelled when it has not been by the end
    of the day `pay_within_days` after it was issued; else it is delivered first, and the invoice is reminded of by
    itself.
    `fulfilment_hours` is the time that staff have for a line.
    """

    section = "orders"

    validate_direct: bool = True
    validate_above: int | None = None
    validation_hours: int = 24
    payment_first: bool = True
    pay_within_days: int = 14
    fulfilment_hours: int = 48
