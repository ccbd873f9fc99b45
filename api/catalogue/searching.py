"""Finding products: by words, category, price and stock, in any order, page by page.

Words are looked for in names first, whole before begun, then in all of the text; only where no product has them, what
is written alike is found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.paging import Order, Paging, cursor_at, order_of, page_of_ids, place_of
from models.catalogue import FOUND, Product, ProductCategory
from models.stock import Stock

MOST_ALIKE = 20
"""How many products are shown that are only written alike."""

_MOST_COMPARED = 500
"""How many of those that are written alike are put in order: comparing costs more than finding."""

_FIRST_LOOKED_AT = 1_000
"""How many products are looked at in the order of names, before all that have the words are gathered and ordered."""

_RELEVANCE = "relevance"
_TEXT = r"^[^\x00]*$"
_PRODUCT: sa.Table = Product.__table__  # type: ignore[attr-defined]

Found = tuple[Sequence[UUID], str | None, int | None]
"""The ids of a page, the cursor of the next one, and the total when asked for."""

Price = Annotated[int | None, Query(ge=0, le=10**12, description="Of what it costs now, in minor units")]


@dataclass(frozen=True)
class Wish:
    """What is looked for. `visible` says which products are seen at all."""

    q: str | None
    category: str | None
    price_min: int | None
    price_max: int | None
    featured: bool | None
    in_stock: bool | None
    sort: str | None
    visible: bool | None = None

    @property
    def narrows(self) -> bool:
        """Whether something with the words may be left out."""
        others = (self.category, self.price_min, self.price_max, self.featured, self.in_stock)
        return any(each is not None for each in others)

    def of(self, *, visible: bool | None) -> "Wish":
        return replace(self, visible=visible)


async def wish(
    q: Annotated[str | None, Query(max_length=200, pattern=_TEXT, description="Words, the last may be begun")] = None,
    category: Annotated[
        str | None, Query(max_length=80, pattern=_TEXT, description="Id or slug, with all below")
    ] = None,
    price_min: Price = None,
    price_max: Price = None,
    featured: bool | None = None,
    in_stock: Annotated[bool | None, Query(description="Whether a piece can be had at once")] = None,
    sort: Annotated[str | None, Query(max_length=40, description="Else by relevance, or by name")] = None,
) -> Wish:
    """The parameters of every list of products, as a dependency."""
    return Wish(q, category, price_min, price_max, featured, in_stock, sort)


async def find_products(session: AsyncSession, tenant_id: UUID, wish: Wish, paging: Paging) -> Found:
    """A page of the tenant's products. Raises 422."""
    if not wish.q:
        rows = _filtered(_PRODUCT.c, tenant_id, wish).where(_PRODUCT.c.tenant_id == tenant_id)
        if wish.sort in ("price", "-price"):
            return await _by_price(session, rows, wish, wish.sort, paging)
        return await _page(session, _PRODUCT.c, rows, wish.sort or "name", paging)
    whole, begun, plain = await _words(session, wish.q)
    if begun is None:
        return [], None, 0 if paging.count else None
    rows = _filtered(FOUND.c, tenant_id, wish)
    if (wish.sort or _RELEVANCE) == _RELEVANCE:
        found = await _most_relevant(session, tenant_id, wish, whole, begun, paging)
    else:
        found = await _page(session, FOUND.c, rows.where(_in_text(FOUND.c, begun)), wish.sort or "", paging)
    if found[0] or paging.cursor or paging.offset or (wish.narrows and await _exists(session, begun)):
        return found
    alike = _alike(_filtered(FOUND.c, tenant_id, wish), plain)
    ids = list(await session.scalars(alike))
    return ids, None, len(ids) if paging.count else None


def price_now(columns: Any) -> sa.ColumnElement[int]:
    """What a product costs at this moment."""
    begun = columns.sale_from.is_(None) | (columns.sale_from <= sa.func.now())
    going_on = columns.sale_until.is_(None) | (columns.sale_until > sa.func.now())
    asked = columns.sale_price.is_not(None) & begun & going_on
    return sa.case((asked, columns.sale_price), else_=columns.unit_price)


def is_in_stock(columns: Any) -> sa.ColumnElement[bool]:
    """Whether at least one piece can be had at once."""
    there = sa.exists().where(col(Stock.product_id) == columns.id, col(Stock.on_hand) > col(Stock.reserved))
    is_there: sa.ColumnElement[bool] = sa.not_(columns.stock_tracked) | there
    return is_there


def _filtered(columns: Any, tenant_id: UUID, wish: Wish) -> sa.Select[Any]:
    rows = sa.select(columns.id)
    if wish.visible is not None:
        rows = rows.where(columns.visible.is_(wish.visible))
    if wish.featured is not None:
        rows = rows.where(columns.featured.is_(wish.featured))
    if wish.price_min is not None:
        rows = rows.where(price_now(columns) >= wish.price_min)
    if wish.price_max is not None:
        rows = rows.where(price_now(columns) <= wish.price_max)
    if wish.in_stock is not None:
        there = is_in_stock(columns)
        rows = rows.where(there if wish.in_stock else sa.not_(there))
    if wish.category:
        rows = rows.where(columns.category_id.in_(_at_or_below(tenant_id, wish.category)))
    return rows


def _at_or_below(tenant_id: UUID, category: str) -> sa.Select[UUID]:
    within = col(ProductCategory.tenant_id) == tenant_id
    named = sa.cast(col(ProductCategory.id), sa.Text) == category
    top = sa.select(col(ProductCategory.id)).where(within, (col(ProductCategory.slug) == category) | named)
    tree = top.cte("tree", recursive=True)
    below = sa.select(col(ProductCategory.id)).join(tree, col(ProductCategory.parent_id) == tree.c.id).where(within)
    return sa.select(tree.union(below).c.id)


async def _page(
    session: AsyncSession,
    columns: Any,
    rows: sa.Select[Any],
    sort: str,
    paging: Paging,
) -> Found:
    sorts = {
        "name": columns.name,
        "sku": columns.sku,
        "price": sa.type_coerce(price_now(columns), sa.BigInteger),
        "created_at": columns.created_at,
        "popular": columns.popularity,
    }
    order = order_of(sort, sorts, columns.id)
    if sort.removeprefix("-") == "popular":
        # The most popular come first.
        order = Order(sort, order.column, order.identity, not order.descending)
    return await page_of_ids(session, rows.add_columns(order.column), order, paging)


async def _by_price(session: AsyncSession, rows: sa.Select[Any], wish: Wish, sort: str, paging: Paging) -> Found:
    """A page of all products by what they cost now: those without a sale as an index has them, and all of the few that
    have one."""
    price, identity, down = _PRODUCT.c.unit_price, _PRODUCT.c.id, sort.startswith("-")
    usual = rows.where(_PRODUCT.c.sale_price.is_(None)).add_columns(price.label("price"))
    if wish.price_min is not None:
        usual = usual.where(price >= wish.price_min)
    if wish.price_max is not None:
        usual = usual.where(price <= wish.price_max)
    if paging.cursor:
        here = sa.tuple_(*place_of(paging.cursor, Order(sort, price, identity, down)))
        usual = usual.where(sa.tuple_(price, identity) < here if down else sa.tuple_(price, identity) > here)
    usual = usual.order_by(*(each.desc() if down else each.asc() for each in (price, identity)))
    first = usual.limit((paging.offset or 0) + paging.limit + 1).subquery()
    on_sale = rows.where(_PRODUCT.c.sale_price.is_not(None)).add_columns(price_now(_PRODUCT.c).label("price"))
    both = sa.union_all(sa.select(first.c.id, first.c.price), on_sale).subquery()
    order = Order(sort, both.c.price, both.c.id, down)
    uncounted = replace(paging, count=False)
    ids, cursor, _ = await page_of_ids(session, sa.select(both.c.id, both.c.price), order, uncounted)
    return ids, cursor, await _count(session, rows) if paging.count else None


async def _words(session: AsyncSession, q: str) -> tuple[Any, Any, str]:
    """What is asked for, as whole words and as words that may be begun, None when there are none; and as plain text."""
    asked = sa.select(
        sa.cast(sa.func.words_wanted(q, False), sa.Text),
        sa.cast(sa.func.words_wanted(q, True), sa.Text),
        sa.func.plain_text(q),
    )
    whole, begun, plain = (await session.execute(asked)).one()
    return _literal(whole), _literal(begun), plain


def _literal(words: str | None) -> Any:
    # In the text of the statement, so that the planner sees how rare the words are.
    return sa.cast(sa.bindparam(None, words, sa.Text, literal_execute=True), TSQUERY) if words else None


async def _most_relevant(
    session: AsyncSession, tenant_id: UUID, wish: Wish, whole: Any, begun: Any, paging: Paging
) -> Found:
    """A page of what has these words: in the name as whole words, then begun ones, then in the text; each by name.

    One query after the other, until the page is full: most searches need not look into the text.
    """
    order = Order(_RELEVANCE, sa.literal("", sa.Text), FOUND.c.id, descending=False)
    place, after = place_of(paging.cursor, order) if paging.cursor else ("0", None)
    ids: list[UUID] = []
    skip, last = paging.offset or 0, ""
    for rank, has_words in enumerate(_RANKS):
        if str(rank) < place[:1] or len(ids) > paging.limit:
            continue

        def ranked(columns: Any, has_words: _Rank = has_words) -> sa.Select[Any]:
            rows = _filtered(columns, tenant_id, wish).add_columns(columns.name)
            return rows.where(has_words(columns, whole, begun))

        if skip and (passed := await _count(session, ranked(FOUND.c))) <= skip:
            skip -= passed
            continue
        here = (place[1:], after) if after and str(rank) == place[:1] else None
        for product_id, name in await _next_by_name(session, ranked, here, skip, paging.limit + 1 - len(ids)):
            ids.append(product_id)
            last = f"{rank}{name}" if len(ids) == paging.limit else last
        skip = 0
    rows = _filtered(FOUND.c, tenant_id, wish)
    total = await _count(session, rows.where(_in_text(FOUND.c, begun))) if paging.count else None
    more = len(ids) > paging.limit
    ids = ids[: paging.limit]
    return ids, cursor_at(last, ids[-1], order) if more else None, total


async def _next_by_name(
    session: AsyncSession,
    ranked: Callable[[Any], sa.Select[Any]],
    after: tuple[str, UUID] | None,
    skip: int,
    wanted: int,
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


def _in_text(columns: Any, words: Any) -> sa.ColumnElement[bool]:
    has: sa.ColumnElement[bool] = columns.words_of_text.bool_op("@@")(words)
    return has


_Rank = Callable[[Any, Any, Any], sa.ColumnElement[bool]]
_RANKS: Sequence[_Rank] = (
    lambda columns, whole, _: _in_name(columns, whole),
    lambda columns, whole, begun: _in_name(columns, begun) & sa.not_(_in_name(columns, whole)),
    lambda columns, _, begun: _in_text(columns, begun) & sa.not_(_in_name(columns, begun)),
)


async def _count(session: AsyncSession, rows: sa.Select[Any]) -> int:
    return await session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0


async def _exists(session: AsyncSession, begun: Any) -> bool:
    # All of them are counted: for the first one alone the planner would read the table from its beginning.
    return await _count(session, sa.select(FOUND.c.id).where(_in_text(FOUND.c, begun))) > 0


def _alike(rows: sa.Select[Any], plain: str) -> sa.Select[Any]:
    """Products whose names have something in them that is written like this, the likest first."""
    looked_for = sa.literal(plain, sa.Text, literal_execute=True)
    alike = rows.add_columns(FOUND.c.plain_name).where(FOUND.c.plain_name.bool_op("%>")(looked_for))
    some = alike.limit(_MOST_COMPARED).subquery()
    return sa.select(some.c.id).order_by(some.c.plain_name.op("<->>")(looked_for), some.c.id).limit(MOST_ALIKE)
