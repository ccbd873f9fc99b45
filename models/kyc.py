"""The check of a customer's identity, and the documents that came for it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus, DocumentType, Risk
from models.base import UTC_TIME, CaseRow, TenantRow, belongs_to, enum_type, numbered, referred_to, waiting


class KycCase(CaseRow, table=True):
    """A customer's identity check, under the customer's id.

    `reminded_until` is the moment of the last reminder that was sent; `expired_since` lasts until a new approval;
    `suspended_customer` says that the customer was suspended for it, and comes back with that approval.
    """

    __tablename__ = "kyc_case"
    __table_args__ = (*numbered(), waiting("kyc_case"), belongs_to("id", "customer"))

    id: UUID = Field(primary_key=True)
    status: KycStatus = Field(sa_type=enum_type(KycStatus))
    risk: Risk = Field(
        default=Risk.NORMAL, sa_type=enum_type(Risk), sa_column_kwargs={"server_default": Risk.NORMAL.value}
    )
    risk_by_hand: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    expected_volume: int | None = Field(default=None, sa_type=sa.BigInteger)
    submitted_by: UUID | None = Field(default=None, foreign_key="account.id")
    due_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    reminded_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    expired_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    grace_ended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    suspended_customer: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class KycDocument(TenantRow, table=True):
    """A document somebody handed in; it counts once the workflow has taken it (`added_at`).

    `proposals` holds free text, such as the number, of changes that the workflow has not taken yet, by the change's id.
    """

    __tablename__ = "kyc_document"
    __table_args__ = (
        sa.Index(None, "customer_id", "added_at", "id"),
        sa.Index(
            "uq_kyc_document_pending",
            "customer_id",
            "type",
            unique=True,
            postgresql_where=sa.text("status = 'uploaded' AND added_at IS NOT NULL AND removed_at IS NULL"),
        ),
        belongs_to("customer_id", "customer"),
        referred_to(),
    )

    customer_id: UUID
    type: DocumentType = Field(sa_type=enum_type(DocumentType))
    status: DocumentStatus = Field(default=DocumentStatus.UPLOADED, sa_type=enum_type(DocumentStatus))
    uploader_id: UUID = Field(foreign_key="account.id")
    number: str | None = Field(default=None, max_length=60)
    issued_on: date | None = None
    expires_on: date | None = None
    expires_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    country: str | None = Field(default=None, max_length=2)
    reason: str | None = Field(default=None, max_length=1000)
    proposals: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'{}'::jsonb")}
    )
    added_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    replaced_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    removed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class KycDocumentFile(TenantRow, table=True):
    """A file of a document, at its place among the others."""

    __tablename__ = "kyc_document_file"
    __table_args__ = (
        sa.UniqueConstraint("file_id"),
        sa.UniqueConstraint("document_id", "position"),
        belongs_to("document_id", "kyc_document"),
        belongs_to("file_id", "file"),
    )

    document_id: UUID
    file_id: UUID
    position: int
