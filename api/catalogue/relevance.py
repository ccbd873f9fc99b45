"""Products in the order in which they answer what is looked for: words in names before words in the text, whole ones
before begun ones."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.paging import Order, Paging, cursor_at, place_of
from models.catalogue import FOUND

_GATHERED = 8_000
"""So many products that have the words are gathered and ordered by one query."""

_FIRST_LOOKED_AT = 1_000
"""How many products are looked at in the order of names, before all that have the words are gathered and ordered."""

_COMMON = 80
"""Words that so many of those first ones have are common: pages are filled from there."""

RELEVANCE = Order("relevance", sa.literal("", sa.Text), FOUND.c.id, descending=False)

Found = tuple[Sequence[UUID], str | None, int | None]
"""The ids of a page, the cursor of the next one, and the total when asked for."""

Filtered = Callable[[Any], sa.Select[Any]]
"""The ids of what may be found at all, of the columns of the products or of some of them."""

_Place = tuple[int, str, UUID]
"""Where a page begins: after this rank, name and id."""

_Row = tuple[UUID, str, int]
"""A product's id, name and rank."""


def in_text(columns: Any, words: Any) -> sa.ColumnElement[bool]:
    """Whether a product has the words, in its name or elsewhere."""
    has: sa.ColumnElement[bool] = columns.words_of_text.bool_op("@@")(words)
    return has


async def counted(session: AsyncSession, rows: sa.Select[Any]) -> int:
    """How many they are."""
    return await session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0


async def most_relevant(session: AsyncSession, filtered: Filtered, whole: Any, begun: Any, paging: Paging) -> Found:
    """A page of what has these words: in the name as whole words, then begun ones, then in the text; each by name.

    Raises 422 for a cursor of another list.
    """
    after = _after(paging.cursor)
    gathered = None
    if not await _are_common(session, filtered, begun):
        gathered = await _gather(session, filtered, whole, begun, after, paging)
    if gathered is not None:
        rows, total = gathered
    else:
        rows = await _rank_by_rank(session, filtered, whole, begun, after, paging)
        total = await counted(session, filtered(FOUND.c).where(in_text(FOUND.c, begun))) if paging.count else None
    ids = [product_id for product_id, _, _ in rows[: paging.limit]]
    if len(rows) <= paging.limit:
        return ids, None, total
    _, name, rank = rows[paging.limit - 1]
    return ids, cursor_at(f"{rank}{name}", ids[-1], RELEVANCE), total


def _after(cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    place, product_id = place_of(cursor, RELEVANCE)
    ranks = [str(rank) for rank in range(len(_RANKS))]
    # One of no list of ours begins behind everything.
    return (ranks.index(place[:1]) if place[:1] in ranks else len(_RANKS)), place[1:], product_id


async def _are_common(session: AsyncSession, filtered: Filtered, begun: Any) -> bool:
    first = _by_name(sa.select(FOUND), FOUND.c).limit(_FIRST_LOOKED_AT).subquery()
    return await counted(session, filtered(first.c).where(in_text(first.c, begun))) >= _COMMON


async def _gather(
    session: AsyncSession, filtered: Filtered, whole: Any, begun: Any, after: _Place | None, paging: Paging
) -> tuple[Sequence[_Row], int | None] | None:
    """The page and one row more, with the total, unless too many products have the words for one query."""
    rank = sa.case((_in_name(FOUND.c, whole), 0), (_in_name(FOUND.c, begun), 1), else_=2).label("rank")
    having = filtered(FOUND.c).add_columns(FOUND.c.name, rank).where(in_text(FOUND.c, begun))
    some = having.limit(_GATHERED + 1).cte("some")
    total = sa.select(sa.func.count()).select_from(some).scalar_subquery()
    keys = (some.c.rank, some.c.name, some.c.id)
    page = sa.select(some.c.id, some.c.name, some.c.rank, total.label("total")).order_by(*keys)
    if after:
        page = page.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(each) for each in after)))
    rows = (await session.execute(page.offset(paging.offset).limit(paging.limit + 1))).all()
    if not rows and (after or paging.offset):
        # How many there are no row has told.
        return None
    if rows and rows[0].total > _GATHERED:
        return None
    return [(row.id, row.name, row.rank) for row in rows], rows[0].total if rows else 0


async def _rank_by_rank(
    session: AsyncSession, filtered: Filtered, whole: Any, begun: Any, after: _Place | None, paging: Paging
) -> Sequence[_Row]:
    """The page and one row more. One query after the other, until it is full: most searches need not look into the
    text."""
    found: list[_Row] = []
    skip = paging.offset or 0
    for rank, has_words in enumerate(_RANKS):
        if (after and rank < after[0]) or len(found) > paging.limit:
            continue

        def ranked(columns: Any, has_words: _Rank = has_words) -> sa.Select[Any]:
            return filtered(columns).add_columns(columns.name).where(has_words(columns, whole, begun))

        if skip and (passed := await counted(session, ranked(FOUND.c))) <= skip:
            skip -= passed
            continue
        here = after[1:] if after and rank == after[0] else None
        next_ones = await _next_by_name(session, ranked, here, skip, paging.limit + 1 - len(found))
        found += [(row.id, row.name, rank) for row in next_ones]
        skip = 0
    return found


async def _next_by_name(
    session: AsyncSession, ranked: Filtered, after: tuple[str, UUID] | None, skip: int, wanted: int
) -> Sequence[Any]:
    """The next so many ids and names of what is `ranked` among columns. Where many products have the words, the first
    ones in the order of names are enough; else all that have them are ordered."""
    found: Sequence[Any]
    if not skip:
        first = _by_name(sa.select(FOUND), FOUND.c, after).limit(_FIRST_LOOKED_AT).subquery()
        found = (await session.execute(_by_name(ranked(first.c), first.c).limit(wanted))).all()
        if len(found) == wanted:
            return found
    # A fence: names and words go together, so reading in the order of names until the page is full, as the planner
    # would, may read all products.
    fenced = ranked(FOUND.c).offset(0).subquery()
    rows = _by_name(sa.select(fenced.c.id, fenced.c.name), fenced.c, after)
    found = (await session.execute(rows.offset(skip or None).limit(wanted))).all()
    return found


def _by_name(rows: sa.Select[Any], columns: Any, after: tuple[str, UUID] | None = None) -> sa.Select[Any]:
    if after is not None:
        here = sa.tuple_(sa.literal(after[0], sa.Text), sa.literal(after[1]))
        rows = rows.where(sa.tuple_(columns.name, columns.id) > here)
    return rows.order_by(columns.name, columns.id)


def _in_name(columns: Any, words: Any) -> sa.ColumnElement[bool]:
    has: sa.ColumnElement[bool] = columns.words_of_name.bool_op("@@")(words)
    return has


_Rank = Callable[[Any, Any, Any], sa.ColumnElement[bool]]
_RANKS: Sequence[_Rank] = (
    lambda columns, whole, _: _in_name(columns, whole),
    lambda columns, whole, begun: _in_name(columns, begun) & sa.not_(_in_name(columns, whole)),
    lambda columns, _, begun: in_text(columns, begun) & sa.not_(_in_name(columns, begun)),
)
