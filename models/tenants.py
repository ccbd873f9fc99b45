"""A tenant: one company that serves its customers here."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.base import UTC_TIME, Row


class Tenant(Row, table=True):
    """A tenant. It has no `tenant_id`, because other tables' `tenant_id` points to it; row-level security shows it to
    itself, its members and the superadmin. Who works for all of them begins with `stores.tenants`."""

    slug: str = Field(max_length=63, unique=True)
    name: str = Field(max_length=200)
    locale: str = Field(max_length=16)
    timezone: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    suspended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    suspended_reason: str | None = None
    settings: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'{}'::jsonb")}
    )
