"""Stock: what there is of each product, what came and went, and counting it."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.catalogue.figures import is_low
from api.catalogue.products import find, visible
from api.catalogue.served import carry, tell_served
from api.catalogue.stock_schemas import MovementBody, MovementView, StockView
from api.http.openapi import MAKES_ELSEWHERE
from api.http.paging import PagingDep, order_of, page, page_of_ids, sorts_by
from api.http.payloads import Page
from api.http.problems import conflict, field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.cases import CommandRow
from models.catalogue import Product, ProductVariant
from models.stock import Stock, StockMovement
from stores.stock.claims import Cause, receive
from stores.stock.ledger import stocks_for

router = Router(tags=["catalogue"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.STOCK_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.STOCK_WRITE))]


@router.get("/stock")
async def list_stock(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    low: Annotated[bool | None, Query(description="Only what is low, or only what is not")] = None,
    sort: Annotated[str, sorts_by("sku", "name")] = "sku",
) -> Page[StockView]:
    """What there is of every product and variant whose pieces are counted."""
    rows = sa.select(col(Stock.id)).join(Product, col(Product.id) == col(Stock.product_id))
    rows = rows.where(col(Stock.tenant_id) == caller.tenant_id, col(Product.stock_tracked))
    if low is not None:
        rows = rows.where(sa.func.coalesce(is_low(), False).is_(low))
    order = order_of(sort, {"sku": Product.sku, "name": Product.name}, Stock.id)
    async with service.database.transaction(caller.tenant_id) as session:
        ids, cursor, total = await page_of_ids(session, rows.add_columns(order.column), order, paging)
        views = {view.id: view for view in await _views(session, col(Stock.id).in_(ids))}
    return Page(items=[views[each] for each in ids], next_cursor=cursor, total=total)


@router.get("/products/{product_id}/stock")
async def get_product_stock(product_id: UUID, caller: Reader, service: Service) -> list[StockView]:
    """What there is of a product, and of those of its variants that are kept apart."""
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id)
        return await _views(session, col(Stock.product_id) == product.id)


@router.get("/products/{product_id}/stock/movements")
async def list_stock_movements(
    product_id: UUID, caller: Reader, service: Service, paging: PagingDep, variant_id: UUID | None = None
) -> Page[MovementView]:
    """What came, went or was promised of a product or a variant, and why, the newest first."""
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id)
        query = (
            sa.select(StockMovement)
            .join(Stock, col(Stock.id) == col(StockMovement.stock_id))
            .where(col(Stock.product_id) == product.id, col(Stock.variant_id).is_not_distinct_from(variant_id))
        )
        order = order_of("-place", {"place": StockMovement.place}, StockMovement.id)
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[MovementView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post(
    "/products/{product_id}/stock/movements",
    status_code=HTTPStatus.CREATED,
    response_model=StockView,
    responses=MAKES_ELSEWHERE,
)
async def move_stock(product_id: UUID, body: MovementBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Pieces came, or were missing when somebody counted (negative). Those who wait for them are served in order.

    409: `stock_untracked` when they are not counted, `stock_reserved` when pieces would go that are promised.
    """

    told: list[CommandRow] = []

    async def create(session: AsyncSession) -> UUID:
        product = await find(session, visible(caller), product_id)
        if not product.stock_tracked:
            raise conflict("stock_untracked", "The pieces of this product are not counted.")
        key = (product_id, await _kept_apart(session, product_id, body.variant_id))
        stock_id = (await stocks_for(session, caller.tenant_id, [key]))[key]
        cause = Cause(None, None, caller.account_id, body.reason)
        served = await receive(session, caller.tenant_id, stock_id, body.quantity, cause, datetime.now(UTC))
        told.extend(tell_served(session, caller, served))
        await session.flush()
        await audit(session, caller, "stock.moved", "product", product_id, {"quantity": body.quantity})
        return stock_id

    async def read(session: AsyncSession, stock_id: UUID) -> StockView:
        return (await _views(session, col(Stock.id) == stock_id))[0]

    answer = await create_once(
        asked, caller, "stock.move", create=create, at=f"/products/{product_id}/stock", read=read
    )
    await carry(asked.services, told)
    return answer


async def _kept_apart(session: AsyncSession, product_id: UUID, variant_id: UUID | None) -> UUID | None:
    """The variant if its pieces are kept apart, None when they are the product's. Raises 422."""
    if variant_id is None:
        return None
    variant = await session.scalar(
        sa.select(ProductVariant).where(
            col(ProductVariant.product_id) == product_id, col(ProductVariant.id) == variant_id
        )
    )
    if variant is None:
        raise field_error("variant_id", "unknown", "This product has no such variant.")
    return variant_id if variant.own_stock else None


async def _views(session: AsyncSession, which: sa.ColumnElement[bool]) -> list[StockView]:
    found: sa.Result[Any] = await session.execute(
        sa.select(Stock, Product, ProductVariant, sa.func.coalesce(is_low(), False).label("low"))
        .join(Product, col(Product.id) == col(Stock.product_id))
        .outerjoin(ProductVariant, col(ProductVariant.id) == col(Stock.variant_id))
        .where(which)
        .order_by(col(ProductVariant.position).nulls_first(), col(Stock.id))
    )
    return [_view(row.Stock, row.Product, row.ProductVariant, low=row.low) for row in found]


def _view(stock: Stock, product: Product, variant: ProductVariant | None, *, low: bool) -> StockView:
    return StockView(
        **stock.model_dump(include={"id", "product_id", "variant_id", "on_hand", "reserved", "waiting"}),
        available=stock.on_hand - stock.reserved,
        sku=variant.sku if variant else product.sku,
        name=f"{product.name}, {variant.name}" if variant else product.name,
        low_stock_level=product.low_stock_level,
        low=low,
    )
