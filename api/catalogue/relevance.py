"""Products in the order in which they answer what is looked for: words in names before words in the text, whole ones
before begun ones."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.paging import Order, Paging, cursor_at, place_of
from models.catalogue import FOUND

_FIRST_LOOKED_AT = 400
"""How many products are looked at in the order of names. Of common words that fills a page, and none of the many others
that have them need be ordered."""

RELEVANCE = Order("relevance", sa.literal("", sa.Text), FOUND.c.id, descending=False)

Found = tuple[Sequence[UUID], str | None, int | None]
"""The ids of a page, the cursor of the next one, and the total when asked for."""

Filtered = Callable[[Any], sa.Select[Any]]
"""The ids of what may be found at all, of the columns of the products or of some of them. Those that are equal find the
same."""

_Place = tuple[int, str, UUID]
"""Where a page begins: after this rank, name and id."""

_STATEMENTS_KEPT = 200


def _query(name: str | None, words: str | None = None) -> Any:
    # In the text of the statement, so that the planner sees how rare the words are.
    return sa.cast(sa.bindparam(name, words, sa.Text, literal_execute=True), TSQUERY)


_WHOLE, _BEGUN = _query("whole"), _query("begun")
_HERE = sa.bindparam("after_name", type_=sa.Text), sa.bindparam("after_id", type_=sa.Uuid)


def in_text(columns: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether a product has the words, in its name or elsewhere."""
    return _in_text(columns, _query(None, words))


def _in_text(columns: Any, query: Any) -> sa.ColumnElement[bool]:
    has: sa.ColumnElement[bool] = columns.words_of_text.bool_op("@@")(query)
    return has


async def counted(session: AsyncSession, rows: sa.Select[Any], parameters: Mapping[str, Any] | None = None) -> int:
    """How many they are, with these `parameters` in them."""
    return await session.scalar(sa.select(sa.func.count()).select_from(rows.subquery()), parameters) or 0


async def most_relevant(session: AsyncSession, filtered: Filtered, whole: str, begun: str, paging: Paging) -> Found:
    """A page of what has these words: in the name as whole words, then begun ones, then in the text; each by name.

    Raises 422 for a cursor of another list.
    """
    words = {"whole": whole, "begun": begun}
    having = filtered(FOUND.c).where(_in_text(FOUND.c, _BEGUN))
    total = await counted(session, having, words) if paging.count else None
    if paging.offset:
        ranked = having.add_columns(FOUND.c.name, _rank(FOUND.c)).subquery()
        page = sa.select(ranked).order_by(*_keys(ranked)).offset(paging.offset).limit(paging.limit + 1)
        rows = (await session.execute(page, words)).all()
    else:
        start, *place = _after(paging.cursor) or (None,)
        page = _rank_by_rank(filtered, start, paging.limit + 1)
        rows = (await session.execute(page, words | dict(zip(("after_name", "after_id"), place, strict=False)))).all()
    ids = [row.id for row in rows[: paging.limit]]
    if len(rows) <= paging.limit:
        return ids, None, total
    last = rows[paging.limit - 1]
    return ids, cursor_at(f"{last.rank}{last.name}", last.id, RELEVANCE), total


def _after(cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    place, product_id = place_of(cursor, RELEVANCE)
    ranks = [str(rank) for rank in range(len(_RANKS))]
    # One of no list of ours begins behind everything.
    return (ranks.index(place[:1]) if place[:1] in ranks else len(_RANKS)), place[1:], product_id


# Kept: to put it together takes longer than to carry it out.
@lru_cache(maxsize=_STATEMENTS_KEPT)
def _rank_by_rank(filtered: Filtered, after: int | None, wanted: int) -> sa.Select[Any]:
    """So many in order, by one query that looks no further than it must: for a rank among all products only where the
    first ones by name do not have enough of it, and for the next rank only where the page is not full.

    Its parameters are the words, and behind which name and id of the rank `after` it begins, unless it does with the
    first.
    """
    start = after or 0
    here = (
        None if after is None else (sa.bindparam("after_name", type_=sa.Text), sa.bindparam("after_id", type_=sa.Uuid))
    )
    first = _by_name(sa.select(FOUND), FOUND.c, here).limit(_FIRST_LOOKED_AT).subquery()
    seen = filtered(first.c).add_columns(first.c.name, _rank(first.c)).where(_in_text(first.c, _BEGUN))
    walked = seen.cte("walked")
    parts: list[sa.CTE] = []
    for rank in range(start, len(_RANKS)):
        is_next = rank == start
        enough = _count(walked, walked.c.rank == rank) >= wanted if is_next or after is None else sa.false()
        room = sum((_count(part) for part in parts), start=sa.literal(0)) < wanted
        # A fence: names and words go together, so reading in the order of names until the page is full, as the planner
        # would, may read all products.
        ranked = filtered(FOUND.c).add_columns(FOUND.c.name).where(_RANKS[rank](FOUND.c))
        fenced = ranked.offset(0).subquery()
        near = _by_name(sa.select(walked).where(walked.c.rank == rank, enough, room), walked.c)
        far = _by_name(
            sa.select(fenced.c.id, fenced.c.name, sa.literal(rank).label("rank")).where(sa.not_(enough), room),
            fenced.c,
            here if is_next else None,
        )
        either = sa.union_all(*(sa.select(each.limit(wanted).subquery()) for each in (near, far)))
        parts.append(either.cte(f"rank_{rank}"))
    if not parts:
        return sa.select(walked).where(sa.false())
    page = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    return sa.select(page).order_by(*_keys(page)).limit(wanted)


def _count(rows: sa.CTE, *which: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.func.count()).select_from(rows).where(*which).scalar_subquery()


def _keys(rows: sa.FromClause) -> tuple[Any, ...]:
    return rows.c.rank, rows.c.name, rows.c.id


def _by_name(rows: sa.Select[Any], columns: Any, after: tuple[Any, Any] | None = None) -> sa.Select[Any]:
    if after is not None:
        rows = rows.where(sa.tuple_(columns.name, columns.id) > sa.tuple_(*after))
    return rows.order_by(columns.name, columns.id)


def _in_name(columns: Any, words: Any) -> sa.ColumnElement[bool]:
    has: sa.ColumnElement[bool] = columns.words_of_name.bool_op("@@")(words)
    return has


def _rank(columns: Any) -> sa.Label[int]:
    """The rank of a product that has the words."""
    return sa.case((_in_name(columns, _WHOLE), 0), (_in_name(columns, _BEGUN), 1), else_=2).label("rank")


_Rank = Callable[[Any], sa.ColumnElement[bool]]
_RANKS: Sequence[_Rank] = (
    lambda columns: _in_name(columns, _WHOLE),
    lambda columns: _in_name(columns, _BEGUN) & sa.not_(_in_name(columns, _WHOLE)),
    lambda columns: _in_text(columns, _BEGUN) & sa.not_(_in_name(columns, _BEGUN)),
)
