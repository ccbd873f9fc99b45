"""What goes in and out of the routes of invoices. Amounts are whole minor units of the invoice's currency."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.money import BasisPoints, Currency
from api.http.payloads import OfEveryCase, Payload, UtcTime, View
from api.identity.schemas.people import OneLine
from api.quotes.door import MOST_LINES, LineBody, LineView, Notes, TaxView, Terms
from domain.invoices.rules import InvoiceStatus, PaymentMethod
from domain.invoices.settings import LONGEST_TERM_DAYS


class InvoiceContentBody(Payload):
    """What an invoice says; PUT replaces all of it."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=MOST_LINES)]
    discount_bp: Annotated[BasisPoints, Field(description="On the whole invoice, after the lines' own discounts")] = 0
    due_days: Annotated[
        int | None, Field(ge=0, le=LONGEST_TERM_DAYS, description="From issuing; else as the tenant has set")
    ] = None
    payment_method: Annotated[
        PaymentMethod | None, Field(description="How it will be paid: cash may cost a stamp duty, which is added")
    ] = None
    notes: Notes | None = None
    terms: Annotated[Terms | None, Field(description="Else the tenant's usual terms of payment")] = None


class InvoiceBody(InvoiceContentBody):
    customer_id: UUID
    order_id: UUID | None = None
    quote_id: Annotated[UUID | None, Field(description="The quote that is invoiced")] = None
    currency: Annotated[Currency | None, Field(description="Else the tenant's")] = None


class PaymentBody(Payload):
    amount: Annotated[int, Field(gt=0, le=10**12, description="In minor units of the invoice's currency")]
    method: PaymentMethod
    paid_at: UtcTime
    reference: OneLine | None = None


class PaymentView(View):
    """`stamp_duty` is what paying in cash has cost besides; it pays nothing of the invoice."""

    id: UUID
    amount: int
    method: PaymentMethod
    paid_at: datetime
    reference: str | None
    stamp_duty: int
    recorded_by: UUID


class InvoiceSummary(OfEveryCase):
    """An invoice in a list. A draft has no number of its own yet: its `number` only tells it from others."""

    status: InvoiceStatus
    customer_id: UUID
    author_id: UUID
    order_id: UUID | None
    quote_id: UUID | None
    currency: str
    total: int
    paid_amount: int
    issued_at: datetime | None
    sent_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    cancelled_at: datetime | None
    refund_due: int
    refunded_at: datetime | None


class InvoiceView(InvoiceSummary):
    """An invoice with all that it says; `total` is with tax and stamp duty, `owed` what is left of it."""

    lines: list[LineView]
    discount_bp: int
    due_days: int
    payment_method: PaymentMethod | None
    notes: str | None
    terms: str | None
    subtotal: int
    discount: int
    taxable: int
    tax: int
    taxes: list[TaxView]
    stamp_duty: int
    owed: int
    credit_note: str | None
