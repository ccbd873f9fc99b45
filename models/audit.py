"""The audit: who did what to which thing, in a chain per tenant that cannot be changed unseen."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.base import TenantRow


class AuditRow(TenantRow, table=True):
    """One entry; the app's role can add it and never change it. See `domain.audit_chain` for the hashes.

    `actor_id` has no foreign key: an entry outlives what it names. `detail` names fields, ids, enums and settings, not
    what people wrote or are called: an entry stays for ever, and a person may ask to be erased.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "sequence"),
        sa.Index(None, "tenant_id", "actor_id", "sequence"),
        sa.Index(None, "tenant_id", "entity_kind", "entity_id", "sequence"),
    )

    sequence: int = Field(sa_type=sa.BigInteger)
    actor_id: UUID | None = None
    action: str = Field(max_length=60)
    entity_kind: str | None = Field(default=None, max_length=40)
    entity_id: UUID | None = None
    detail: dict[str, Any] = Field(sa_type=JSONB)
    correlation_id: str = Field(max_length=128)
    address: str | None = Field(default=None, max_length=45)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of a tenant's chain: how many entries there are, and the newest one's hash. Its lock makes them queue."""

    __tablename__ = "audit_head"

    tenant_id: UUID = Field(foreign_key="tenant.id", primary_key=True)
    sequence: int = Field(sa_type=sa.BigInteger)
    hash: str = Field(max_length=64)
