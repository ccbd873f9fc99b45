"""The cases that are open by their rows, of one kind and tenant, a portion at a time."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.cases import CaseEvent
from models.cases import EventRow
from models.database import Database

if TYPE_CHECKING:
    from api.cases.kinds import Kind  # it knows readers, which stand on services, which hold a dispatcher


def rows_of(entry: "Kind") -> sa.Table:
    """The table of the rows of a kind."""
    table: sa.Table = entry.aggregate.model.__table__
    return table


def is_open(entry: "Kind", tenant_id: UUID | sa.BindParameter[UUID]) -> sa.ColumnElement[bool]:
    """Whether a row is a case of the tenant that has been opened and is not over."""
    columns: Any = rows_of(entry).c
    return sa.and_(columns.tenant_id == tenant_id, columns.version > 0, entry.aggregate.open_rows())


def never_asked(entry: "Kind") -> sa.ColumnElement[bool]:
    """Whether a row was imported and nothing has been asked of its case since: it has never had a run, and nobody was
    promised anything."""
    rows = rows_of(entry)
    return sa.exists().where(
        col(EventRow.case_id) == rows.c.id,
        col(EventRow.version) == rows.c.version,
        col(EventRow.kind) == CaseEvent.IMPORTED,
    )


async def some_open(
    database: Database, entry: "Kind", tenant_id: UUID, *besides: sa.ColumnElement[bool], after: UUID | None, most: int
) -> list[UUID]:
    """The next open cases by id, those that meet the conditions `besides`."""
    rows = rows_of(entry)
    query = sa.select(rows.c.id).where(is_open(entry, tenant_id), *besides).order_by(rows.c.id).limit(most)
    if after is not None:
        query = query.where(rows.c.id > after)
    async with database.glance(tenant_id) as session:
        return list(await session.scalars(query))
