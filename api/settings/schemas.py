"""A tenant's settings: what it may set of its papers and of each kind of case, and within which bounds.

Every field may be left out of a change; null takes a limit away where there need not be one.
"""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from api.customers.schemas import Country
from api.http.money import BasisPoints, Minor
from api.http.payloads import Payload, View
from api.identity.schemas.people import OneLine
from api.quotes.schemas import Terms
from domain.callbacks.rules import CallbackSettings
from domain.kyc.settings import KycSettings
from domain.quotes.settings import LONGEST_VALIDITY_DAYS, QuoteSettings
from domain.tickets.settings import TicketSettings

Days = Annotated[int, Field(ge=1, le=366)]
Hours = Annotated[int, Field(ge=1, le=1_000)]
Countdown = Annotated[
    list[Days],
    Field(max_length=5, description="Days; each reminds once"),
    AfterValidator(lambda days: sorted(set(days))),
]

_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


class CompanySection(View):
    """What is printed of the company; `nif`, `rc` and `ai` are those of Algerian papers."""

    name: str | None
    address: str | None
    phone: str | None
    email: str | None
    nif: str | None
    rc: str | None
    ai: str | None


class SettingsView(View):
    """What is in force, defaults included."""

    company: CompanySection
    tickets: TicketSettings
    quotes: QuoteSettings
    kyc: KycSettings
    callbacks: CallbackSettings


@with_config(_STRICT)
class CompanyChange(TypedDict, total=False):
    name: OneLine | None
    address: Annotated[Terms | None, Field(max_length=500)]
    phone: OneLine | None
    email: OneLine | None
    nif: OneLine | None
    rc: OneLine | None
    ai: OneLine | None


@with_config(_STRICT)
class TicketChange(TypedDict, total=False):
    remind_after_days: Countdown
    give_up_days: Days
    auto_close_days: Days
    reopen_window_days: Days


@with_config(_STRICT)
class QuoteChange(TypedDict, total=False):
    approval_discount_bp: BasisPoints
    approval_total: Annotated[Minor | None, Field(description="Null: no total needs approval")]
    valid_days: Annotated[int, Field(ge=1, le=LONGEST_VALIDITY_DAYS)]
    remind_days_before: Countdown
    approval_hours: Hours
    tax_rate_bp: BasisPoints
    terms: Terms | None


@with_config(_STRICT)
class KycChange(TypedDict, total=False):
    review_hours: Hours
    review_remind_hours: Annotated[list[Hours], Field(max_length=5)]
    review_escalate_hours: Annotated[list[Annotated[int, Field(ge=0, le=1_000)]], Field(max_length=3)]
    changes_days: Days
    changes_remind_days: Countdown
    expiry_remind_days: Countdown
    expiry_task_hours: Hours
    grace_days: Annotated[int, Field(ge=0, le=366)]
    corporate_limit: Minor
    listed_countries: Annotated[list[Country], Field(max_length=250)]


@with_config(_STRICT)
class CallbackChange(TypedDict, total=False):
    give_up_days: Days


class SettingsBody(Payload):
    """Only the fields that are given change."""

    company: CompanyChange = {}
    tickets: TicketChange = {}
    quotes: QuoteChange = {}
    kyc: KycChange = {}
    callbacks: CallbackChange = {}
