"""Lists: keyset pages that stay fast however long the list is, with an opaque cursor."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error
from models.database import Database

MAX_PAGE = 200
COUNTED_TO = 10_000
"""Where totals end that are counted unasked: a list of so many or more costs no more than one of so many."""


@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None
    offset: int | None
    count: bool


async def paging(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before")] = None,
    offset: Annotated[int | None, Query(ge=0, le=100_000)] = None,
    count: Annotated[bool, Query(description="Adds `total`")] = False,
) -> Paging:
    """The paging parameters of every list, as a dependency. Raises 422 `offset_with_cursor`."""
    if cursor is not None and offset is not None:
        raise field_error("offset", "offset_with_cursor", "Give `cursor` or `offset`: each says where the page begins.")
    return Paging(limit, cursor, offset, count)


PagingDep = Annotated[Paging, Depends(paging)]


@dataclass(frozen=True)
class Order:
    """A sort order: one column, then the id. `descending` turns both."""

    name: str
    column: Any
    identity: Any
    descending: bool


def sorts_by(*names: str, otherwise: str | None = None) -> Any:
    """The `sort` parameter of a list that knows these orders."""
    words = "By what to sort; a minus in front turns it round." + (f" {otherwise}" if otherwise else "")
    known = [name for each in names for name in (each, f"-{each}")]
    return Query(max_length=40, description=words, json_schema_extra={"enum": known})


def order_of(sort: str, columns: dict[str, Any], identity: Any) -> Order:
    """The order that `sort` names, `-` in front for descending. Raises 422 `sort_unknown`."""
    name = sort.removeprefix("-")
    if name not in columns:
        known = ", ".join(columns)
        raise field_error("sort", "sort_unknown", f"This list sorts by {known}; a minus in front turns it round.")
    return Order(sort, columns[name], identity, sort.startswith("-"))


async def page(
    session: AsyncSession, query: sa.Select[Any], order: Order, paging: Paging
) -> tuple[Sequence[Any], str | None, int | None]:
    """One page of entities: the rows, the cursor of the next page, and the total when asked for."""
    total = None
    if paging.count:
        total = await session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery()))
    if paging.cursor:
        query = query.where(_after(paging.cursor, order))
    columns = [order.column, order.identity]
    query = query.order_by(*(c.desc() if order.descending else c.asc() for c in columns))
    rows = (await session.scalars(query.limit(paging.limit + 1).offset(paging.offset))).all()
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    return rows, _cursor(rows[-1], order) if more else None, total


def counted(query: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """How many rows the query finds, counted to `COUNTED_TO`, as a value for a statement."""
    some = query.order_by(None).with_only_columns(sa.literal_column("1").label("one")).limit(COUNTED_TO).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


async def page_of_ids(
    session: AsyncSession, keys: sa.Select[Any], order: Order, paging: Paging
) -> tuple[list[UUID], str | None, int | None]:
    """As `page`, for an order by what is no column of an entity: `keys` selects each id, then what it is ordered by."""
    total = None
    if paging.count:
        total = await session.scalar(sa.select(sa.func.count()).select_from(keys.subquery()))
    if paging.cursor:
        keys = keys.where(_after(paging.cursor, order))
    keys = keys.order_by(*(c.desc() if order.descending else c.asc() for c in (order.column, order.identity)))
    rows = (await session.execute(keys.limit(paging.limit + 1).offset(paging.offset))).all()
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    return [row[0] for row in rows], cursor_at(rows[-1][1], rows[-1][0], order) if more else None, total


def query_of_parts(parts: Iterable[sa.Select[Any]], order: Order, *, further: bool) -> sa.Select[Any]:
    """As `page`, for a list of several tables and a statement that is made once: a first page, or one `further` on. Its
    parameters are those of `place_in_parts`.

    Each part selects what is read of one table, under the same names, among them what the list is ordered by. A part is
    read no further than the page is long.
    """
    wanted, skipped = (sa.bindparam(name, type_=sa.Integer) for name in ("wanted", "skipped"))
    here = sa.tuple_(sa.bindparam("after", type_=order.column.type), sa.bindparam("after_id", type_=sa.Uuid))
    beginnings = []
    for part in (part.subquery() for part in parts):
        keys = [part.c[order.column.key], part.c[order.identity.key]]
        query = sa.select(part)
        if further:
            query = query.where(sa.tuple_(*keys) < here if order.descending else sa.tuple_(*keys) > here)
        beginnings.append(sa.select(query.order_by(*_in(order, keys)).limit(wanted).subquery()))
    keys = [sa.column(order.column.key), sa.column(order.identity.key)]
    all_of_it = sa.union_all(*beginnings).order_by(*_in(order, keys)).limit(wanted).subquery()
    page: sa.Select[Any] = sa.select(all_of_it).order_by(*_in(order, [all_of_it.c[key.key] for key in keys]))
    return page.offset(skipped)


def place_in_parts(order: Order, paging: Paging) -> dict[str, Any]:
    """Which page is asked for, as parameters. Raises 422 `cursor_invalid`."""
    skipped = paging.offset or 0
    place = dict(zip(("after", "after_id"), place_of(paging.cursor, order), strict=True)) if paging.cursor else {}
    return {"skipped": skipped, "wanted": skipped + paging.limit + 1, **place}


def rows_of_parts(rows: Sequence[Any], order: Order, paging: Paging) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, of those that were read, and the cursor of the next one."""
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    return rows, _cursor(rows[-1], order) if more else None


def _in(order: Order, keys: Iterable[Any]) -> list[Any]:
    return [key.desc() if order.descending else key.asc() for key in keys]


def page_of(database: Database, tenant_id: UUID, paging: Paging) -> AbstractAsyncContextManager[AsyncSession]:
    """The transaction of a list whose page is all that is read: one statement, unless the total is asked for."""
    return database.transaction(tenant_id) if paging.count else database.glance(tenant_id)


def _cursor(row: Any, order: Order) -> str:
    return cursor_at(getattr(row, order.column.key), row.id, order)


def cursor_at(value: Any, identity: UUID, order: Order) -> str:
    """The cursor of the page that begins after what is ordered by this value and id."""
    value = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([order.name, value, str(identity)]).encode()).decode()


def _after(cursor: str, order: Order) -> Any:
    value, identity = place_of(cursor, order)
    here = sa.tuple_(sa.literal(value, order.column.type), sa.literal(identity))
    keys = sa.tuple_(order.column, order.identity)
    return keys < here if order.descending else keys > here


def place_of(cursor: str, order: Order) -> tuple[Any, UUID]:
    """What the last row of the page before is ordered by, and its id. Raises 422 `cursor_invalid`."""
    try:
        name, value, identity = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if name != order.name:
            raise ValueError
        if isinstance(order.column.type, sa.DateTime):
            value = datetime.fromisoformat(value)
        _check(value, order.column.type)
        return value, UUID(identity)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise field_error("cursor", "cursor_invalid", "This cursor does not belong to this list.") from None


def _check(value: object, kind: sa.types.TypeEngine[Any]) -> None:
    """Raises ValueError for a cursor that no list can have given out, before the database fails on it."""
    # SQLModel's text columns are type decorators, which do not say their Python type.
    inner = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
    # Python counts a bool as an int, the database does not.
    if not isinstance(value, inner.python_type) or (isinstance(value, bool) and inner.python_type is not bool):
        raise ValueError
    if isinstance(value, str) and (not value or b"\x00" in value.encode()):
        raise ValueError
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError
