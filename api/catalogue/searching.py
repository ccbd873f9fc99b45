"""Finding products: by words, category, price and stock, in any order, page by page.

Words are looked for in names first, whole before begun, then in all of the text; only where no product has them, what
is written alike is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.paging import Order, Paging, order_of, page_of_ids
from models.catalogue import FOUND, Product, ProductCategory
from models.stock import Stock

MOST_ALIKE = 20
"""How many products are shown that are only written alike."""

_TEXT = r"^[^\x00]*$"
_PRODUCT: sa.Table = Product.__table__  # type: ignore[attr-defined]

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


async def find_products(
    session: AsyncSession, tenant_id: UUID, wish: Wish, paging: Paging
) -> tuple[Sequence[UUID], str | None, int | None]:
    """The ids of a page of products, the cursor of the next one, and the total when asked for. Raises 422."""
    if not wish.q:
        rows = _filtered(_PRODUCT.c, tenant_id, wish).where(_PRODUCT.c.tenant_id == tenant_id)
        return await _page(session, _PRODUCT.c, rows, wish.sort or "name", paging)
    whole, begun, plain = await _words(session, wish.q)
    if begun is None:
        return [], None, 0 if paging.count else None
    rows = _filtered(FOUND.c, tenant_id, wish).where(FOUND.c.words_of_text.bool_op("@@")(begun))
    relevance = sa.type_coerce(_place(whole, begun) + FOUND.c.name, sa.Text)
    found = await _page(session, FOUND.c, rows, wish.sort or "relevance", paging, {"relevance": relevance})
    if found[0] or paging.cursor or paging.offset or await _exists(session, begun):
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
    besides: dict[str, Any] | None = None,
) -> tuple[Sequence[UUID], str | None, int | None]:
    sorts = {
        **(besides or {}),
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


def _place(whole: Any, begun: Any) -> sa.ColumnElement[str]:
    in_name = FOUND.c.words_of_name.bool_op("@@")
    return sa.case((in_name(whole), "0"), (in_name(begun), "1"), else_="2")


async def _exists(session: AsyncSession, begun: Any) -> bool:
    found = sa.select(FOUND.c.id).where(FOUND.c.words_of_text.bool_op("@@")(begun)).limit(1)
    return await session.scalar(found) is not None


def _alike(rows: sa.Select[Any], plain: str) -> sa.Select[Any]:
    """Products whose names have something in them that is written like this, the likest first."""
    looked_for = sa.literal(plain, sa.Text, literal_execute=True)
    alike = FOUND.c.plain_name.bool_op("%>")(looked_for)
    return rows.where(alike).order_by(FOUND.c.plain_name.op("<->>")(looked_for), FOUND.c.id).limit(MOST_ALIKE)
