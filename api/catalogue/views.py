"""Products as they are read: with their price of now, their variants, files and whether they are in stock."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.catalogue.schemas import ProductView, PublicProductView, StaffProductView
from api.files.schemas import AttachedFileView
from api.http.problems import not_found
from api.identity.callers import Caller
from domain.catalogue.products import FileRole, price_at
from domain.files.states import FileStatus, ScanResult
from domain.people.permissions import Permission
from models.catalogue import Product, ProductFile, ProductVariant
from models.files import StoredFile
from models.stock import Stock

V = TypeVar("V", bound=PublicProductView)

_PRODUCT: sa.Table = Product.__table__  # type: ignore[attr-defined]


def view_for(caller: Caller) -> type[ProductView]:
    """What the caller gets to see of a product: customers no cost and no figures."""
    is_staff = caller.customer_id is None and caller.may(Permission.CATALOGUE_READ_ALL)
    return StaffProductView if is_staff else ProductView


async def read_products(session: AsyncSession, view: type[V], product_ids: Sequence[UUID]) -> list[V]:
    """The products of these ids, in this order; those that are gone are left out."""
    # Rows and not objects: to make those takes longer than to read them.
    found = await session.execute(sa.select(_PRODUCT).where(_PRODUCT.c.id.in_(product_ids)))
    products: dict[UUID, Any] = {product.id: product for product in found}
    return await product_views(session, view, [products[each] for each in product_ids if each in products])


async def read_product(session: AsyncSession, view: type[V], product: Product) -> V:
    """One product."""
    return (await product_views(session, view, [product]))[0]


async def product_views(session: AsyncSession, view: type[V], products: Sequence[Product]) -> list[V]:
    """The products, or rows of them, as they are read, in three queries however many they are."""
    ids, staff, now = [product.id for product in products], issubclass(view, StaffProductView), datetime.now(UTC)
    files = await _files(session, ids, unscanned=staff)
    variants = await _variants(session, ids, hidden=staff)
    available = await _available(session, [product.id for product in products if product.stock_tracked])
    views = []
    for product in products:
        price = price_at(product, now)
        forms = [
            {
                **variant.model_dump(),
                "price": price if variant.unit_price is None else variant.unit_price,
                "in_stock": _is_there(product, variant.id if variant.own_stock else None, available),
            }
            for variant in variants[product.id]
        ]
        own = {
            "price": price,
            "sale_until": product.sale_until if staff or price != product.unit_price else None,
            "in_stock": not product.stock_tracked or any(available[product.id].values()),
            "variants": forms,
            "images": files[product.id, FileRole.IMAGE],
            "documents": files[product.id, FileRole.DOCUMENT],
        }
        views.append(view.model_validate({**_columns(product), **own}))
    return views


async def find_file(session: AsyncSession, product: Product, file_id: UUID) -> StoredFile:
    """An image or a document of the product. Raises 404."""
    file = await session.scalar(
        sa.select(StoredFile)
        .join(ProductFile, col(ProductFile.file_id) == col(StoredFile.id))
        .where(
            col(ProductFile.product_id) == product.id,
            col(StoredFile.id) == file_id,
            col(StoredFile.status) == FileStatus.STORED,
        )
    )
    if file is None:
        raise not_found("file")
    return file


def _columns(product: Product | sa.Row[Any]) -> dict[str, Any]:
    return product._asdict() if isinstance(product, sa.Row) else product.model_dump()


def _is_there(product: Product, variant_id: UUID | None, available: dict[UUID, dict[UUID | None, bool]]) -> bool:
    return not product.stock_tracked or available[product.id].get(variant_id, False)


async def _files(
    session: AsyncSession, product_ids: Sequence[UUID], *, unscanned: bool
) -> dict[tuple[UUID, FileRole], list[AttachedFileView]]:
    query = (
        sa.select(col(ProductFile.product_id), col(ProductFile.role), StoredFile)
        .join(StoredFile, col(StoredFile.id) == col(ProductFile.file_id))
        .where(col(ProductFile.product_id).in_(product_ids), col(StoredFile.status) == FileStatus.STORED)
        .order_by(col(ProductFile.position))
    )
    if not unscanned:
        query = query.where(col(StoredFile.scan) != ScanResult.PENDING)
    files: defaultdict[tuple[UUID, FileRole], list[AttachedFileView]] = defaultdict(list)
    for product_id, role, file in await session.execute(query):
        files[product_id, role].append(AttachedFileView.model_validate(file))
    return files


async def _variants(
    session: AsyncSession, product_ids: Sequence[UUID], *, hidden: bool
) -> dict[UUID, list[ProductVariant]]:
    query = (
        sa.select(ProductVariant)
        .where(col(ProductVariant.product_id).in_(product_ids))
        .order_by(col(ProductVariant.position))
    )
    variants: defaultdict[UUID, list[ProductVariant]] = defaultdict(list)
    for variant in await session.scalars(query if hidden else query.where(col(ProductVariant.visible))):
        variants[variant.product_id].append(variant)
    return variants


async def _available(session: AsyncSession, product_ids: Sequence[UUID]) -> dict[UUID, dict[UUID | None, bool]]:
    available: defaultdict[UUID, dict[UUID | None, bool]] = defaultdict(dict)
    if product_ids:
        found: sa.Result[Any] = await session.execute(
            sa.select(
                col(Stock.product_id),
                col(Stock.variant_id),
                (col(Stock.on_hand) > col(Stock.reserved)).label("there"),
            ).where(col(Stock.product_id).in_(product_ids))
        )
        for row in found:
            available[row.product_id][row.variant_id] = row.there
    return available
