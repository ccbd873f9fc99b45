"""Quotes: what is offered to a customer, in versions, and what the customer answered."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.quotes.rules import QuoteStatus
from models.base import UTC_TIME, CaseRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to, waiting
from models.sales import SalesContent, SalesLine

_ALIVE = "version > 0 AND deleted_at IS NULL"


class Quote(CaseRow, table=True):
    """One version of a quote as people read it. `root_id` is the first version's id, and all versions have its number.

    `content_id` is what it offers; accepting points to `answer_id`. From the moment of sending neither is replaced.
    """

    __table_args__ = (
        *numbered("quote_version"),
        sa.UniqueConstraint("root_id", "quote_version"),
        listed("ix_quote_newest", where=_ALIVE),
        waiting(
            "quote", "status IN ('draft', 'pending_approval', 'approved', 'rejected', 'sent') AND deleted_at IS NULL"
        ),
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


class QuoteContent(SalesContent, table=True):
    """What a quote offers, which counts once the quote points to it. `largest_discount_bp` is the largest discount that
    a line gets altogether."""

    __tablename__ = "quote_content"
    __table_args__ = (
        sa.Index(None, "quote_id"),
        belongs_to("quote_id", "quote"),
        referred_to(),
    )

    quote_id: UUID
    valid_days: int
    terms: str | None = None
    largest_discount_bp: int


class QuoteLine(SalesLine, table=True):
    """A line of a quote."""

    __tablename__ = "quote_line"
    __table_args__ = (
        sa.UniqueConstraint("content_id", "position"),
        belongs_to("content_id", "quote_content"),
        belongs_to("product_id", "product"),
    )


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
