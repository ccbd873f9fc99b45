"""Lists as people want to see them again."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.people.accounts import ListPage
from models.base import TenantRow, enum_type


class KeptView(TenantRow, table=True):
    """A list narrowed and sorted as one person wants to see it again, by a name: `query` is that of its address."""

    __tablename__ = "kept_view"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "account_id", "page", "name"),)

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    page: ListPage = Field(sa_type=enum_type(ListPage))
    name: str = Field(max_length=60)
    query: str = Field(max_length=500)
