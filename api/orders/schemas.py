"""What goes in and out of the routes of orders. Amounts are whole minor units of the order's currency."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AnyHttpUrl, Field, StringConstraints, model_validator

from api.http.payloads import OfEveryRequest, Payload, Stored, View
from domain.orders.rules import InvoiceStage, LineStatus, OrderStatus, StockStage

MOST_LINES = 200

Notes = Annotated[Stored, StringConstraints(min_length=1, max_length=5_000)]
Pieces = Annotated[int, Field(ge=1, le=1_000_000)]


class OrderLineBody(Payload):
    """A product, or one of its variants, and how many pieces of it."""

    product_id: UUID | None = None
    variant_id: UUID | None = None
    quantity: Pieces

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.product_id is None and self.variant_id is None:
            raise ValueError("a line has a product_id or a variant_id")
        return self


class OrderContentBody(Payload):
    lines: Annotated[list[OrderLineBody], Field(min_length=1, max_length=MOST_LINES)]
    notes: Notes | None = None


class OrderBody(Payload):
    """Lines, or the accepted quote whose lines and prices are ordered as they are."""

    customer_id: Annotated[UUID | None, Field(description="For whom staff order")] = None
    lines: Annotated[list[OrderLineBody] | None, Field(min_length=1, max_length=MOST_LINES)] = None
    quote_id: UUID | None = None
    notes: Notes | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.lines is None) == (self.quote_id is None):
            raise ValueError("an order has either lines or a quote_id")
        return self


class OrderEditBody(Payload):
    """What is given replaces what was ordered."""

    lines: Annotated[list[OrderLineBody] | None, Field(min_length=1, max_length=MOST_LINES)] = None
    notes: Notes | None = None


class DeliverBody(Payload):
    proof: Annotated[Notes | None, Field(description="Who took it, or the carrier's number")] = None


class CommentBody(Payload):
    body: Annotated[Stored, StringConstraints(min_length=1, max_length=20_000)]


class CommentView(View):
    id: UUID
    order_id: UUID
    author_id: UUID
    body: str
    created_at: datetime


class OrderLineView(View):
    """A line: `status` is what has become of it."""

    id: UUID
    position: int
    product_id: UUID | None
    variant_id: UUID | None
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
    status: LineStatus


class OrderSummary(OfEveryRequest):
    """An order in a list."""

    status: OrderStatus
    quote_id: UUID | None
    currency: str
    total: int
    payment_first: bool
    stock: StockStage
    invoice: InvoiceStage
    invoice_id: UUID | None
    pay_by: datetime | None
    delivered_at: datetime | None
    cancel_code: str | None
    unwound_at: Annotated[datetime | None, Field(description="Since when nothing is left of a cancelled order")]


class OrderView(OrderSummary):
    """An order with what it orders. `backorder` says that it waits for stock."""

    lines: list[OrderLineView]
    discount_bp: int
    notes: str | None
    subtotal: int
    discount: int
    taxable: int
    tax: int
    backorder: bool


class WebhookBody(Payload):
    url: Annotated[AnyHttpUrl, Field(description="Where lines are to be fulfilled; https, and no private address")]


class WebhookView(View):
    url: Annotated[str | None, Field(description="Null: staff fulfil orders")]


class NewWebhookView(View):
    """`secret` verifies the signatures of calls (Standard Webhooks). It is shown once."""

    url: str
    secret: str
