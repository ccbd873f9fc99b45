"""Finding products: by words, category, price and stock, in any order, page by page.

Words are looked for in names first, whole before begun, then in all of the text; only where no product has them, they
are taken for misspelt ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.catalogue.misspelt import MOST_MEANT, ONE, Meant, meant_by, with_more
from api.catalogue.relevance import RELEVANCE, Filtered, Found, counted, in_text, most_relevant
from api.http.paging import Order, Paging, order_of, page_of_ids, place_of, sorts_by
from models.catalogue import FOUND, Product, ProductCategory
from models.stock import Stock

_TEXT = r"^[^\x00]*$"
_PRODUCT: sa.Table = Product.__table__  # type: ignore[attr-defined]

_TYPED = sa.bindparam("q", type_=sa.Text)
_PLAIN = sa.func.plain_text(_TYPED)
_WANTED = sa.select(
    sa.func.coalesce(sa.cast(sa.func.words_wanted(_TYPED, False), sa.Text), "").label("whole"),
    sa.func.coalesce(sa.cast(sa.func.words_wanted(_TYPED, True), sa.Text), "").label("begun"),
    _PLAIN.label("plain"),
    *(column.label(f"meant_{column.name}") for column in meant_by(_PLAIN, ONE).c),
)

_SORTS = sorts_by("name", "sku", "price", "created_at", "popular", otherwise="Else by relevance, or by name.")
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
    sort: Annotated[str | None, _SORTS] = None,
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
    asked = await _words(session, wish.q)
    if not asked.begun:
        return [], None, 0 if paging.count else None
    filtered = _Filter(replace(wish, q=None, sort=None), tenant_id if wish.category else None)
    further = bool(paging.cursor or paging.offset)
    if further or asked.meant is None or not asked.meant.misspelt:
        found = await _having(session, filtered, asked, wish.sort or RELEVANCE.name, paging)
        if found[0] or further or asked.meant is None or (wish.narrows and await _exists(session, asked.begun)):
            return found
    ids = await _meant(session, filtered, asked.plain, asked.meant, min(paging.limit, MOST_MEANT))
    return ids, None, len(ids) if paging.count else None


async def _having(session: AsyncSession, filtered: Filtered, asked: "_Asked", sort: str, paging: Paging) -> Found:
    """A page of what has the words."""
    if sort == RELEVANCE.name:
        return await most_relevant(session, filtered, asked.whole, asked.begun, paging)
    return await _page(session, FOUND.c, filtered(FOUND.c).where(in_text(FOUND.c, asked.begun)), sort, paging)


async def _meant(
    session: AsyncSession, filtered: Filtered, plain: str, meant: Meant | None, most: int
) -> Sequence[UUID]:
    """What is found by the words that may have been meant."""
    first = Paging(most, None, None, count=False)
    while meant:
        found, _, _ = await most_relevant(session, filtered, meant.whole, meant.begun, first)
        if found:
            return found
        meant = await with_more(session, plain, meant)
    return []


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


@dataclass(frozen=True)
class _Filter:
    """What is left of all products by what a wish says beside its words; `tenant_id` is whose category it names."""

    wish: Wish
    tenant_id: UUID | None

    def __call__(self, columns: Any) -> sa.Select[Any]:
        return _filtered(columns, self.tenant_id, self.wish)


def _filtered(columns: Any, tenant_id: UUID | None, wish: Wish) -> sa.Select[Any]:
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


def _at_or_below(tenant_id: UUID | None, category: str) -> sa.Select[UUID]:
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
    return ids, cursor, await counted(session, rows) if paging.count else None


@dataclass(frozen=True)
class _Asked:
    """What is asked for, as whole words and as words that may be begun, empty when there are none; as plain text; and
    what else may be meant by it."""

    whole: str
    begun: str
    plain: str
    meant: Meant | None


async def _words(session: AsyncSession, q: str) -> _Asked:
    row: Any = (await session.execute(_WANTED, {"q": q})).one()
    other = Meant(row.meant_whole, row.meant_begun, row.meant_misspelt) if row.meant_whole is not None else None
    return _Asked(row.whole, row.begun, row.plain, other)


async def _exists(session: AsyncSession, begun: str) -> bool:
    # All of them are counted: for the first one alone the planner would read the table from its beginning.
    return await counted(session, sa.select(FOUND.c.id).where(in_text(FOUND.c, begun))) > 0
