"""What customers ask to have quoted."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.quote_requests.rules import QuoteRequestStatus
from models.base import RequestRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to, waiting


class QuoteRequest(RequestRow, table=True):
    """A request as people read it."""

    __tablename__ = "quote_request"
    __table_args__ = (
        *numbered(),
        listed("ix_quote_request_newest"),
        waiting("quote_request", "status = 'open'"),
        belongs_to("customer_id", "customer"),
        referred_to(),
    )

    status: QuoteRequestStatus = Field(default=QuoteRequestStatus.OPEN, sa_type=enum_type(QuoteRequestStatus))
    description: str
    quote_id: UUID | None = None


class QuoteRequestProduct(TenantRow, table=True):
    """A product that is asked for, at its place among the others."""

    __tablename__ = "quote_request_product"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "product_id"),
        belongs_to("request_id", "quote_request"),
        belongs_to("product_id", "product"),
    )

    request_id: UUID
    product_id: UUID
    position: int


class QuoteRequestFile(TenantRow, table=True):
    """A file that came with a request, at its place among the others."""

    __tablename__ = "quote_request_file"
    __table_args__ = (
        sa.UniqueConstraint("file_id"),
        sa.UniqueConstraint("request_id", "position"),
        belongs_to("request_id", "quote_request"),
        belongs_to("file_id", "file"),
    )

    request_id: UUID
    file_id: UUID
    position: int
