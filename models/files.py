"""Files: what is known of each, while its bytes lie in the file storage under `key`."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.files.states import FileStatus, ScanResult
from models.base import UTC_TIME, TenantRow, enum_type, referred_to


class StoredFile(TenantRow, table=True):
    """One uploaded file. The row is written before the first byte and goes after the last one is gone.

    `attached_at` is when it was taken for a message or another case; from then on it cannot be taken again.
    """

    __tablename__ = "file"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint(
            "status <> 'stored' OR "
            "(content_type IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL AND stored_at IS NOT NULL)",
            name="known_once_stored",
        ),
        sa.Index(
            "ix_file_unsettled",
            "tenant_id",
            "created_at",
            postgresql_where=sa.text("status <> 'stored' OR attached_at IS NULL OR scan = 'pending'"),
        ),
        referred_to(),
    )

    uploader_id: UUID = Field(foreign_key="account.id")
    key: str = Field(max_length=80)
    name: str = Field(max_length=255)
    status: FileStatus = Field(default=FileStatus.UPLOADING, sa_type=enum_type(FileStatus))
    content_type: str | None = Field(default=None, max_length=100)
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    scan: ScanResult = Field(default=ScanResult.PENDING, sa_type=enum_type(ScanResult))
    stored_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    attached_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
