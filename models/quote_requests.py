"""What customers ask to have quoted."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.quote_requests.rules import QuoteRequestStatus
from models.base import UTC_TIME, TenantRow, enum_type


class QuoteRequest(TenantRow, table=True):
    """A request as people read it. Version 0 waits for its workflow's first step: nobody sees it."""

    __tablename__ = "quote_request"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "number"),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name="numbered_once_alive"),
        sa.Index("ix_quote_request_newest", "tenant_id", "created_at", "id", postgresql_where=sa.text("version > 0")),
    )

    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    number: str | None = Field(default=None, max_length=32)
    status: QuoteRequestStatus = Field(default=QuoteRequestStatus.OPEN, sa_type=enum_type(QuoteRequestStatus))
    status_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    customer_id: UUID = Field(foreign_key="customer.id")
    requester_id: UUID = Field(foreign_key="account.id")
    description: str
    quote_id: UUID | None = None
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class QuoteRequestProduct(TenantRow, table=True):
    """A product that is asked for, at its place among the others."""

    __tablename__ = "quote_request_product"
    __table_args__ = (sa.UniqueConstraint("request_id", "product_id"),)

    request_id: UUID = Field(foreign_key="quote_request.id")
    product_id: UUID = Field(foreign_key="product.id")
    position: int


class QuoteRequestFile(TenantRow, table=True):
    """A file that came with a request, at its place among the others."""

    __tablename__ = "quote_request_file"
    __table_args__ = (sa.UniqueConstraint("file_id"), sa.UniqueConstraint("request_id", "position"))

    request_id: UUID = Field(foreign_key="quote_request.id")
    file_id: UUID = Field(foreign_key="file.id")
    position: int
