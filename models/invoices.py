"""Invoices: what is owed, what was paid, and the notes that credit them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.invoices.papers import InvoicePaper
from domain.invoices.rules import InvoiceStatus, PaymentMethod
from models.base import UTC_TIME, CaseRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to, waiting
from models.sales import SalesContent, SalesLine


class Invoice(CaseRow, table=True):
    """An invoice as people read it. A draft's `number` only tells it from other drafts; issuing replaces it by the
    invoice's own, which is the `sequence`-th of its `year`. From then on the database changes none of what it says.

    `total` is what is to be paid, in minor units of `currency`.
    """

    __table_args__ = (
        *numbered(),
        referred_to(),
        sa.UniqueConstraint("tenant_id", "year", "sequence"),
        sa.CheckConstraint("(issued_at IS NULL) = (sequence IS NULL)", name="sequence_once_issued"),
        sa.CheckConstraint("paid_amount BETWEEN 0 AND total", name="not_overpaid"),
        listed("ix_invoice_newest"),
        waiting("invoice", "status NOT IN ('paid', 'cancelled') OR refund_due > 0 AND refunded_at IS NULL"),
        listed("ix_invoice_by_status", "status"),
        listed("ix_invoice_by_customer", "customer_id"),
        sa.Index("ix_invoice_of_order", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")),
        belongs_to("customer_id", "customer"),
        belongs_to("quote_id", "quote"),
    )

    status: InvoiceStatus = Field(default=InvoiceStatus.DRAFT, sa_type=enum_type(InvoiceStatus))
    customer_id: UUID
    author_id: UUID = Field(foreign_key="account.id")
    order_id: UUID | None = None
    quote_id: UUID | None = None
    currency: str = Field(max_length=3)
    locale: str = Field(max_length=16)
    content_id: UUID | None = None
    year: int | None = None
    sequence: int | None = None
    total: int = Field(default=0, sa_type=sa.BigInteger)
    paid_amount: int = Field(default=0, sa_type=sa.BigInteger)
    issued_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    due_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    paid_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    dunning_level: int = 0
    dunned_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    handed_over_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    cancelled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    credit_note_id: UUID | None = None
    refund_due: int = Field(default=0, sa_type=sa.BigInteger)
    refunded_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class InvoiceContent(SalesContent, table=True):
    """What an invoice says, which counts once the invoice points to it. Its `total` is also with the `stamp_duty` that
    paying in cash costs, where the invoice foresees that."""

    __tablename__ = "invoice_content"
    __table_args__ = (
        belongs_to("invoice_id", "invoice"),
        referred_to(),
        sa.Index(None, "invoice_id"),
    )

    invoice_id: UUID
    due_days: int
    payment_method: PaymentMethod | None = Field(default=None, sa_type=enum_type(PaymentMethod))
    terms: str | None = None
    stamp_duty: int = Field(sa_type=sa.BigInteger)


class InvoiceLine(SalesLine, table=True):
    """A line of an invoice."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        belongs_to("content_id", "invoice_content"),
        sa.UniqueConstraint("content_id", "position"),
        belongs_to("product_id", "product"),
    )


class InvoicePayment(TenantRow, table=True):
    """A payment that somebody has recorded; it counts once the workflow has taken it (`taken_at`).

    `stamp_duty` is what it cost besides, when it was made in cash and the invoice did not foresee that.
    """

    __tablename__ = "invoice_payment"
    __table_args__ = (
        belongs_to("invoice_id", "invoice"),
        sa.CheckConstraint("amount > 0", name="amount_above_zero"),
        sa.Index(None, "invoice_id"),
    )

    invoice_id: UUID
    amount: int = Field(sa_type=sa.BigInteger)
    method: PaymentMethod = Field(sa_type=enum_type(PaymentMethod))
    paid_at: datetime = Field(sa_type=UTC_TIME)
    reference: str | None = Field(default=None, max_length=200)
    stamp_duty: int = Field(default=0, sa_type=sa.BigInteger)
    recorded_by: UUID = Field(foreign_key="account.id")
    taken_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class CreditNote(TenantRow, table=True):
    """The note that credits the whole of an invoice, in a gapless series of its own."""

    __tablename__ = "credit_note"
    __table_args__ = (
        belongs_to("invoice_id", "invoice"),
        sa.UniqueConstraint("tenant_id", "invoice_id"),
        sa.UniqueConstraint("tenant_id", "year", "sequence"),
        sa.UniqueConstraint("tenant_id", "number"),
    )

    invoice_id: UUID
    year: int
    sequence: int
    number: str = Field(max_length=32)
    total: int = Field(sa_type=sa.BigInteger)
    reason: str | None = Field(default=None, max_length=1_000)
    issued_at: datetime = Field(sa_type=UTC_TIME)


class InvoiceDocument(TenantRow, table=True):
    """The printed file of one paper of an invoice; of a draft, one for each content."""

    __tablename__ = "invoice_document"
    __table_args__ = (
        belongs_to("invoice_id", "invoice"),
        belongs_to("content_id", "invoice_content"),
        sa.UniqueConstraint("content_id", "paper"),
        sa.UniqueConstraint("file_id"),
        sa.Index(None, "invoice_id"),
        belongs_to("file_id", "file"),
    )

    invoice_id: UUID
    content_id: UUID
    paper: InvoicePaper = Field(sa_type=enum_type(InvoicePaper))
    file_id: UUID
