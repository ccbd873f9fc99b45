"""Orders: what customers buy, in which lines, and how far each of them has come."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.orders.rules import InvoiceStage, LineStatus, OrderStatus, StockStage
from models.base import UTC_TIME, RequestRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to, waiting
from models.sales import SalesContent, SalesLine

_ONE_OF_A_QUOTE = "quote_id IS NOT NULL AND version > 0 AND status <> 'cancelled'"


class Order(RequestRow, table=True):
    """An order as people read it. `content_id` is what it orders, `payment_first` what the tenant had set when it was
    placed."""

    __tablename__ = "sales_order"
    __table_args__ = (
        *numbered(),
        listed("ix_sales_order_newest"),
        waiting("sales_order", "status <> 'delivered' AND unwound_at IS NULL"),
        listed("ix_sales_order_by_status", "status"),
        listed("ix_sales_order_by_customer", "customer_id"),
        sa.Index("ix_sales_order_of_quote", "quote_id", unique=True, postgresql_where=sa.text(_ONE_OF_A_QUOTE)),
        referred_to(),
        belongs_to("customer_id", "customer"),
        belongs_to("quote_id", "quote"),
    )

    status: OrderStatus = Field(default=OrderStatus.REQUEST, sa_type=enum_type(OrderStatus))
    quote_id: UUID | None = None
    currency: str = Field(max_length=3)
    locale: str = Field(max_length=16)
    payment_first: bool = True
    content_id: UUID | None = None
    total: int | None = Field(default=None, sa_type=sa.BigInteger)
    stock: StockStage = Field(default=StockStage.NONE, sa_type=enum_type(StockStage))
    invoice: InvoiceStage = Field(default=InvoiceStage.NONE, sa_type=enum_type(InvoiceStage))
    invoice_id: UUID | None = None
    invoice_asked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    pay_by: datetime | None = Field(default=None, sa_type=UTC_TIME)
    delivery_id: UUID | None = None
    delivered_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    cancel_code: str | None = Field(default=None, max_length=60)
    unwound_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class OrderContent(SalesContent, table=True):
    """What an order orders, which counts once the order points to it."""

    __tablename__ = "order_content"
    __table_args__ = (
        sa.Index(None, "order_id"),
        referred_to(),
        belongs_to("order_id", "sales_order"),
    )

    order_id: UUID


class OrderLine(SalesLine, table=True):
    """A line of an order: `status` is what has become of it, `called` whether another system was asked to fulfil
    it."""

    __tablename__ = "order_line"
    __table_args__ = (
        sa.UniqueConstraint("content_id", "position"),
        belongs_to("content_id", "order_content"),
        belongs_to("product_id", "product"),
        belongs_to("variant_id", "product_variant"),
    )

    variant_id: UUID | None = None
    status: LineStatus = Field(default=LineStatus.OPEN, sa_type=enum_type(LineStatus))
    by_webhook: bool = False
    called: bool = False


class OrderDelivery(TenantRow, table=True):
    """Who says that an order was delivered, and by what. It counts once the order points to it."""

    __tablename__ = "order_delivery"
    __table_args__ = (
        sa.Index(None, "order_id"),
        belongs_to("order_id", "sales_order"),
    )

    order_id: UUID
    confirmed_by: UUID = Field(foreign_key="account.id")
    proof: str | None = None


class OrderComment(TenantRow, table=True):
    """What staff say to each other about an order."""

    __tablename__ = "order_comment"
    __table_args__ = (
        sa.Index(None, "tenant_id", "order_id", "created_at"),
        belongs_to("order_id", "sales_order"),
    )

    order_id: UUID
    author_id: UUID = Field(foreign_key="account.id")
    body: str


class WebhookEndpoint(TenantRow, table=True):
    """Where a tenant's own system is asked to fulfil orders, and the secret that signs what it is asked."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (sa.UniqueConstraint("tenant_id"),)

    url: str = Field(max_length=2_000)
    secret: str = Field(max_length=100)
