"""Quotes: what is offered to a customer, in versions, and what the customer answered."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.quotes.rules import QuoteStatus
from models.base import UTC_TIME, CaseRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to

_ALIVE = "version > 0 AND deleted_at IS NULL"


class Quote(CaseRow, table=True):
    """One version of a quote as people read it. `root_id` is the first version's id, and all versions have its number.

    `content_id` is what it offers; accepting points to `answer_id`. From the moment of sending neither is replaced.
    """

    __table_args__ = (
        *numbered("quote_version"),
        sa.UniqueConstraint("root_id", "quote_version"),
        listed("ix_quote_newest", where=_ALIVE),
        listed("ix_quote_by_customer", "customer_id", where=_ALIVE),
        sa.Index("ix_quote_of_request", "request_id", unique=True, postgresql_where=sa.text("request_id IS NOT NULL")),
        belongs_to("customer_id", "customer"),
        belongs_to("request_id", "quote_request"),
        referred_to(),
    )

    quote_version: int = 1
    root_id: UUID
    status: QuoteStatus = Field(default=QuoteStatus.DRAFT, sa_type=enum_type(QuoteStatus))
    customer_id: UUID
    author_id: UUID = Field(foreign_key="account.id")
    request_id: UUID | None = None
    currency: str = Field(max_length=3)
    locale: str = Field(max_length=16)
    content_id: UUID | None = None
    total: int | None = Field(default=None, sa_type=sa.BigInteger)
    submitted_by: UUID | None = Field(default=None, foreign_key="account.id")
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    valid_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    reminded_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    answer_id: UUID | None = None
    superseded_by_id: UUID | None = None
    deleted_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class QuoteContent(TenantRow, table=True):
    """What a quote offers. It never changes: an edit writes another content, which counts once the quote points to it.

    Amounts are in minor units of the quote's currency, computed by `domain.tax` when it was written. Rates are basis
    points; `largest_discount_bp` is the largest discount that a line gets altogether.
    """

    __tablename__ = "quote_content"
    __table_args__ = (
        sa.Index(None, "quote_id"),
        belongs_to("quote_id", "quote"),
        referred_to(),
    )

    quote_id: UUID
    discount_bp: int
    valid_days: int
    notes: str | None = None
    terms: str | None = None
    largest_discount_bp: int
    subtotal: int = Field(sa_type=sa.BigInteger)
    discount: int = Field(sa_type=sa.BigInteger)
    taxable: int = Field(sa_type=sa.BigInteger)
    tax: int = Field(sa_type=sa.BigInteger)
    total: int = Field(sa_type=sa.BigInteger)


class QuoteLine(TenantRow, table=True):
    """A line of a content. It keeps the name that it was written with, even when the product is renamed.

    `quantity` is in thousandths; `net` is after the line's own discount, `tax` after every discount.
    """

    __tablename__ = "quote_line"
    __table_args__ = (
        sa.UniqueConstraint("content_id", "position"),
        belongs_to("content_id", "quote_content"),
        belongs_to("product_id", "product"),
    )

    content_id: UUID
    position: int
    product_id: UUID | None = None
    name: str = Field(max_length=200)
    description: str | None = None
    quantity: int = Field(sa_type=sa.BigInteger)
    unit_price: int = Field(sa_type=sa.BigInteger)
    discount_bp: int
    tax_rate_bp: int
    exemption: str | None = Field(default=None, max_length=200)
    net: int = Field(sa_type=sa.BigInteger)
    document_discount: int = Field(sa_type=sa.BigInteger)
    tax: int = Field(sa_type=sa.BigInteger)


class QuoteAnswer(TenantRow, table=True):
    """Who accepted a quote, and in whose name. It counts once the quote points to it."""

    __tablename__ = "quote_answer"
    __table_args__ = (
        sa.Index(None, "quote_id"),
        belongs_to("quote_id", "quote"),
    )

    quote_id: UUID
    name: str = Field(max_length=200)
    signature: str | None = None


class QuoteDocument(TenantRow, table=True):
    """The printed file of a content, as `sent` to the customer or as a draft."""

    __tablename__ = "quote_document"
    __table_args__ = (
        sa.UniqueConstraint("content_id", "sent"),
        sa.Index(None, "quote_id"),
        sa.UniqueConstraint("file_id"),
        belongs_to("quote_id", "quote"),
        belongs_to("content_id", "quote_content"),
        belongs_to("file_id", "file"),
    )

    quote_id: UUID
    content_id: UUID
    sent: bool
    file_id: UUID
