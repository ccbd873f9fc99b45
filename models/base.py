"""What every table shares: naming of constraints, tenancy, and the column types of ids, times and enums."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

UTC_TIME: Any = sa.DateTime(timezone=True)


def enum_type(enum: type[StrEnum]) -> Any:
    """A text column that holds the values of `enum`, checked by the database."""
    return _enum_type(enum, checked=True)


def open_enum_type(enum: type[StrEnum]) -> Any:
    """As `enum_type`, unchecked: for enums that grow with every lifecycle, and should not need a migration for it."""
    return _enum_type(enum, checked=False)


def _enum_type(enum: type[StrEnum], *, checked: bool) -> Any:
    return sa.Enum(
        enum,
        native_enum=False,
        length=40,
        create_constraint=checked,
        name=enum.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Row(SQLModel):
    """A row with a time-ordered id."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class TenantRow(Row):
    """A row that belongs to one tenant; row-level security hides it from every other."""

    tenant_id: UUID = Field(foreign_key="tenant.id")


class CaseRow(TenantRow):
    """A case as people read it, beside the status of its own lifecycle. Version 0 waits for its workflow's first step,
    which gives it a number: nobody sees it."""

    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    number: str | None = Field(default=None, max_length=32)
    status_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class RequestRow(CaseRow):
    """A case that a customer has asked for, or somebody of the house for one."""

    customer_id: UUID
    requester_id: UUID = Field(foreign_key="account.id")


def belongs_to(column: str, table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """The column's reference to another table of tenants. It carries the tenant, because foreign keys are checked past
    row-level security: with the id alone a row could point to another tenant's, and tell that it is there."""
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete=ondelete)


def referred_to() -> sa.UniqueConstraint:
    """What a table has to which others `belongs_to`."""
    return sa.UniqueConstraint("tenant_id", "id")


def numbered(*besides: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What holds of a kind's numbers: each is given once, together with what it is told apart by `besides`."""
    return (
        sa.UniqueConstraint("tenant_id", "number", *besides),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name="numbered_once_alive"),
    )


def waiting(table: str, where: str = "true") -> sa.Index:
    """The index of the open cases of a kind in the order in which they have come to wait; `where` says which are
    open."""
    which = sa.text(f"version > 0 AND ({where})")
    return sa.Index(f"ix_{table}_waiting", "tenant_id", "status_since", "id", postgresql_where=which)


def found(table: str, column: str) -> sa.Index:
    """The index by which rows are found by letters that are anywhere in a column."""
    ops = {column: "gin_trgm_ops"}
    return sa.Index(f"ix_{table}_found", "tenant_id", column, postgresql_using="gin", postgresql_ops=ops)


def listed(name: str, *columns: str, where: str = "version > 0") -> sa.Index:
    """The index of a list of cases by these columns, newest first."""
    return sa.Index(name, "tenant_id", *columns, "created_at", "id", postgresql_where=sa.text(where))
