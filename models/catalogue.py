"""The catalogue: what a tenant sells."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import UTC_TIME, TenantRow, referred_to


class Product(TenantRow, table=True):
    """`unit_price` is in minor units of `currency`, without tax. Customers see it when it is `visible`."""

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "sku"),
        sa.CheckConstraint("unit_price >= 0", name="price_not_negative"),
        sa.Index(None, "tenant_id", "name", "id"),
        referred_to(),
    )

    sku: str = Field(max_length=60)
    name: str = Field(max_length=200)
    description: str | None = None
    unit_price: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    tax_rate_bp: int
    visible: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)
