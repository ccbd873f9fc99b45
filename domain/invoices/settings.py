"""What a tenant may set about its invoices."""

from dataclasses import dataclass

from domain.settings import TenantSettings

LONGEST_TERM_DAYS = 366


@dataclass(frozen=True)
class DunningSettings(TenantSettings):
    """The part of the settings that an invoice's workflow decides by.

    The customer of an unpaid invoice is reminded so many days after the day by which it was due (`dunning_days`), each
    once; `hand_over_days` after it the invoice becomes a task for staff.
    """

    section = "invoices"

    dunning_days: tuple[int, ...] = (3, 10, 20)
    hand_over_days: int = 30


@dataclass(frozen=True)
class InvoiceSettings(DunningSettings):
    """`due_days` is the usual term of payment, `terms` its words on paper; `tax_rate_bp` the usual rate.

    The bank's details are printed as they are set. `stamp_duty` turns on the duty that Algeria asks on payments in
    cash, never below `stamp_duty_minimum` (minor units) where any is due. `factur_x` embeds the invoice as data.
    """

    due_days: int = 30
    tax_rate_bp: int = 1_900
    terms: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    iban: str | None = None
    bic: str | None = None
    stamp_duty: bool = False
    stamp_duty_minimum: int = 5_00
    factur_x: bool = False
