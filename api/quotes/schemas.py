"""What goes in and out of the quote routes. Amounts are whole minor units of the quote's currency."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.catalogue.schemas import Description
from api.http.money import BasisPoints, Currency, Minor, Quantity
from api.http.payloads import OfEveryCase, Payload, Stored, View
from api.identity.schemas.people import OneLine
from domain.quotes.rules import QuoteStatus
from domain.quotes.settings import LONGEST_VALIDITY_DAYS

MOST_LINES = 200

Notes = Annotated[Stored, StringConstraints(min_length=1, max_length=5_000)]
Terms = Annotated[Stored, StringConstraints(min_length=1, max_length=10_000)]
Signature = Annotated[Stored, StringConstraints(min_length=1, max_length=50_000)]


class LineBody(Payload):
    """One line: a product, whose name, text, price and tax rate may be overridden; or a free line with a name and a
    price."""

    product_id: UUID | None = None
    name: OneLine | None = None
    description: Description | None = None
    quantity: Quantity
    unit_price: Annotated[Minor | None, Field(description="Else what the product costs now, in a sale too")] = None
    discount_bp: BasisPoints = 0
    tax_rate_bp: Annotated[BasisPoints | None, Field(description="Else the product's, else the tenant's usual one")] = (
        None
    )
    exemption: Annotated[OneLine | None, Field(description="Why no tax is due; the rate is then 0")] = None


class QuoteContentBody(Payload):
    """What a quote offers; PUT replaces all of it."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=MOST_LINES)]
    discount_bp: Annotated[BasisPoints, Field(description="On the whole quote, after the lines' own discounts")] = 0
    valid_days: Annotated[
        int | None, Field(ge=1, le=LONGEST_VALIDITY_DAYS, description="From sending; else as the tenant has set")
    ] = None
    notes: Notes | None = None
    terms: Annotated[Terms | None, Field(description="Else the tenant's usual terms")] = None


class QuoteBody(QuoteContentBody):
    customer_id: UUID
    currency: Annotated[Currency | None, Field(description="Else the tenant's")] = None
    request_id: Annotated[UUID | None, Field(description="The request that it answers")] = None


class TotalsBody(QuoteContentBody):
    currency: Annotated[Currency | None, Field(description="Else the tenant's")] = None


class AcceptBody(Payload):
    name: Annotated[OneLine, Field(description="Who accepts, in the customer's name")]
    signature: Annotated[Signature | None, Field(description="As drawn or typed; kept as it is")] = None


class LineView(View):
    """A line: `net` after its own discount, `document_discount` its share of the quote's, `tax` after both."""

    position: int
    product_id: UUID | None
    name: str
    description: str | None
    quantity: Decimal
    unit_price: int
    discount_bp: int
    tax_rate_bp: int
    exemption: str | None
    net: int
    document_discount: int
    tax: int


class TaxView(View):
    rate_bp: int
    exemption: str | None
    taxable: int
    tax: int


class QuoteSummary(OfEveryCase):
    """A quote in a list. `version` is that of the case, as in `ETag`; `quote_version` the one that is on paper."""

    quote_version: int
    status: QuoteStatus
    customer_id: UUID
    author_id: UUID
    currency: str
    total: int
    sent_at: datetime | None
    valid_until: datetime | None
    superseded_by_id: UUID | None
    request_id: UUID | None


class TotalsView(View):
    """What a content comes to. `valid_days` and `terms` are those that it would have."""

    currency: str
    lines: list[LineView]
    discount_bp: int
    valid_days: int
    terms: str | None
    subtotal: int
    discount: int
    taxable: int
    tax: int
    taxes: list[TaxView]
    total: int
    needs_approval: bool


class QuoteView(QuoteSummary):
    """A quote with all that it offers, and in whose name it was accepted."""

    lines: list[LineView]
    discount_bp: int
    valid_days: int
    notes: str | None
    terms: str | None
    subtotal: int
    discount: int
    taxable: int
    tax: int
    taxes: list[TaxView]
    accepted_by: str | None


class PublicQuoteView(View):
    """A quote as its customer reads it by the link that was mailed. `locale` is the language that it was written in,
    `timezone` the one in which its validity was counted."""

    number: str
    quote_version: int
    status: QuoteStatus
    status_since: datetime
    company: str
    locale: str
    timezone: str
    customer: str
    currency: str
    sent_at: datetime
    valid_until: datetime
    lines: list[LineView]
    discount_bp: int
    notes: str | None
    terms: str | None
    subtotal: int
    discount: int
    taxable: int
    tax: int
    taxes: list[TaxView]
    total: int
    accepted_by: str | None
    version: int
