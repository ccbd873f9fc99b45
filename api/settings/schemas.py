"""A tenant's settings: what it may set of its papers and of each kind of case, and within which bounds.

Every field may be left out of a change; null takes a limit away where there need not be one.
"""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, with_config
from stdnum import iban
from stdnum.exceptions import ValidationError
from typing_extensions import TypedDict

from api.bookings.preference_schemas import HoursBefore
from api.customers.schemas import Country
from api.http.money import BasisPoints, Minor
from api.http.payloads import Payload, View
from api.identity.schemas.people import Email, OneLine
from api.quotes.schemas import Terms
from domain.bookings.settings import BookingSettings
from domain.callbacks.rules import CallbackSettings
from domain.invoices.settings import LONGEST_TERM_DAYS, InvoiceSettings
from domain.kyc.settings import KycSettings
from domain.mail.settings import MailSettings, company_domain
from domain.orders.settings import OrderSettings
from domain.quotes.settings import LONGEST_VALIDITY_DAYS, QuoteSettings
from domain.tickets.settings import TicketSettings

Days = Annotated[int, Field(ge=1, le=366)]
Hours = Annotated[int, Field(ge=1, le=1_000)]
Countdown = Annotated[
    list[Days],
    Field(max_length=5, description="Days; each reminds once"),
    AfterValidator(lambda days: sorted(set(days))),
]


def _valid_iban(text: str) -> str:
    try:
        return str(iban.validate(text))
    except ValidationError as error:
        raise ValueError("must be an IBAN") from error


Iban = Annotated[str, Field(max_length=42), AfterValidator(_valid_iban)]

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
    country: str | None
    colour: str | None


class SettingsView(View):
    """What is in force, defaults included."""

    company: CompanySection
    tickets: TicketSettings
    quotes: QuoteSettings
    kyc: KycSettings
    callbacks: CallbackSettings
    orders: OrderSettings
    invoices: InvoiceSettings
    bookings: BookingSettings
    mail: MailSettings


@with_config(_STRICT)
class CompanyChange(TypedDict, total=False):
    name: OneLine | None
    address: Annotated[Terms | None, Field(max_length=500)]
    phone: OneLine | None
    email: Annotated[Email | None, Field(description="What the company's mails are answered to")]
    nif: OneLine | None
    rc: OneLine | None
    ai: OneLine | None
    country: Annotated[Country | None, Field(description="Of invoices as data")]
    colour: Annotated[str | None, Field(pattern=r"^#[0-9A-Fa-f]{6}$", description="Of the head of mails, as `#1f3a5f`")]


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


@with_config(_STRICT)
class OrderChange(TypedDict, total=False):
    validate_direct: bool
    validate_above: Annotated[Minor | None, Field(description="Null: no order from a quote is looked at first")]
    validation_hours: Hours
    payment_first: bool
    pay_within_days: Days
    fulfilment_hours: Hours


@with_config(_STRICT)
class InvoiceChange(TypedDict, total=False):
    due_days: Annotated[int, Field(ge=0, le=LONGEST_TERM_DAYS)]
    dunning_days: Countdown
    hand_over_days: Annotated[Days, Field(description="After the due day; once the last reminder was sent")]
    tax_rate_bp: BasisPoints
    terms: Terms | None
    bank_name: OneLine | None
    bank_account: OneLine | None
    iban: Iban | None
    bic: Annotated[str, Field(pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$")] | None
    stamp_duty: Annotated[bool, Field(description="Whether payments in cash, in dinars, cost Algeria's stamp duty")]
    stamp_duty_minimum: Minor
    factur_x: Annotated[
        bool,
        Field(
            description="Whether invoices hold themselves as data (EN 16931, BASIC): the countries of the "
            "company and the customer must be known, and the company's tax number"
        ),
    ]


@with_config(_STRICT)
class BookingChange(TypedDict, total=False):
    hold_minutes: Annotated[int, Field(ge=1, le=120, description="How long a place is kept for an unconfirmed booking")]
    confirm_hours: Annotated[Hours, Field(description="How long staff have to confirm one")]
    no_show_minutes: Annotated[int, Field(ge=0, le=240, description="How long who must check in is waited for")]
    follow_up_hours: Annotated[
        Annotated[int, Field(ge=0, le=336)] | None, Field(description="After the end; null: nobody is written to")
    ]
    remind_hours_before: HoursBefore


Points = Annotated[int, Field(ge=1, le=100)]


def _company_domain(text: str) -> str:
    domain, customer_id = company_domain(text)
    return f"{domain}={customer_id}"


@with_config(_STRICT)
class MailChange(TypedDict, total=False):
    reopen_on_reply: Annotated[
        bool, Field(description="Whether a reply to a closed ticket opens it again, instead of opening a new one")
    ]
    lists_open_tickets: Annotated[bool, Field(description="Whether mails of lists and in bulk open tickets")]
    marked_from: Annotated[Points, Field(description="Points of spam from which nothing answers or starts by itself")]
    spam_from: Annotated[Points, Field(description="Points of spam from which no ticket is opened")]
    company_domains: Annotated[
        list[Annotated[str, Field(max_length=300), AfterValidator(_company_domain)]],
        Field(
            max_length=200,
            description="As `example.com=<id of a customer>`: whoever proves an address there speaks for that customer",
        ),
    ]


class SettingsBody(Payload):
    """Only the fields that are given change."""

    company: CompanyChange = {}
    tickets: TicketChange = {}
    quotes: QuoteChange = {}
    kyc: KycChange = {}
    callbacks: CallbackChange = {}
    orders: OrderChange = {}
    invoices: InvoiceChange = {}
    bookings: BookingChange = {}
    mail: MailChange = {}
