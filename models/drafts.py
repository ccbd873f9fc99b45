"""What people have begun to write and not sent."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.base import UTC_TIME, TenantRow


class Draft(TenantRow, table=True):
    """What one person has typed into one form, by the form's fields. `form` is the form's own name, as
    `tickets/{id}/messages`."""

    __table_args__ = (sa.UniqueConstraint("tenant_id", "account_id", "form"), sa.Index(None, "updated_at"))

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    form: str = Field(max_length=200)
    fields: dict[str, str] = Field(sa_type=JSONB)
    updated_at: datetime = Field(sa_type=UTC_TIME)
