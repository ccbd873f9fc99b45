"""The catalogue: the products that a tenant sells and puts into quotes."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingDep, create_once
from api.catalogue.schemas import EditProductBody, ProductBody, ProductView
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from domain.quotes.settings import QuoteSettings
from models.catalogue import Product
from models.tenants import Tenant

router = APIRouter(prefix="/products", tags=["catalogue"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.CATALOGUE_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.CATALOGUE_WRITE))]


def visible(caller: Caller) -> sa.Select[Product]:
    """The products that the caller may see: customers only those that are for sale."""
    query = sa.select(Product).where(col(Product.tenant_id) == caller.tenant_id)
    return query.where(col(Product.visible)) if caller.customer_id else query


@router.get("")
async def list_products(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    q: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a name or an SKU")] = None,
    visible_: Annotated[bool | None, Query(alias="visible")] = None,
    sort: Annotated[str, Query(max_length=40)] = "name",
) -> Page[ProductView]:
    """The products that the caller may see, by name unless sorted otherwise."""
    query = visible(caller)
    if visible_ is not None:
        query = query.where(col(Product.visible).is_(visible_))
    if q:
        query = query.where(contains(Product.name, q) | contains(Product.sku, q))
    order = order_of(sort, {"name": Product.name, "sku": Product.sku, "created_at": Product.created_at}, Product.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[ProductView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=ProductView)
async def create_product(body: ProductBody, asked: AskingDep, caller: Writer) -> Response:
    """Adds a product to the catalogue; 409 `sku_taken` when another one has its SKU."""

    async def create(session: AsyncSession) -> UUID:
        await _require_free(session, caller, body.sku)
        tenant = await session.get_one(Tenant, caller.tenant_id)
        values = body.model_dump()
        values["currency"] = body.currency or tenant.currency
        if body.tax_rate_bp is None:
            values["tax_rate_bp"] = QuoteSettings.in_force(tenant.settings).tax_rate_bp
        product = Product(tenant_id=caller.tenant_id, **values)
        session.add(product)
        await session.flush()
        await audit(session, caller, "product.created", "product", product.id)
        return product.id

    async def read(session: AsyncSession, product_id: UUID) -> ProductView:
        return ProductView.model_validate(await _find(session, caller, product_id))

    return await create_once(asked, caller, "products.create", create=create, read=read)


@router.get("/{product_id}")
async def get_product(product_id: UUID, caller: Reader, service: Service) -> ProductView:
    """One product."""
    async with service.database.transaction(caller.tenant_id) as session:
        return ProductView.model_validate(await _find(session, caller, product_id))


@router.patch("/{product_id}")
async def edit_product(product_id: UUID, body: EditProductBody, caller: Writer, service: Service) -> ProductView:
    """Changes a product. What was quoted stays as it was quoted."""
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    for name, value in given.items():
        if value is None and name != "description":
            raise field_error(name, "missing", "A product cannot be without this.")
    async with service.database.transaction(caller.tenant_id) as session:
        product = await _find(session, caller, product_id, lock=True)
        if given.get("sku", product.sku) != product.sku:
            await _require_free(session, caller, given["sku"])
        for name, value in {**given, "updated_at": sa.func.now()}.items():
            setattr(product, name, value)
        await session.flush()
        await session.refresh(product)
        if given:
            await audit(session, caller, "product.edited", "product", product_id, {"fields": sorted(given)})
        return ProductView.model_validate(product)


async def _find(session: AsyncSession, caller: Caller, product_id: UUID, *, lock: bool = False) -> Product:
    query = visible(caller).where(col(Product.id) == product_id)
    product: Product | None = await session.scalar(query.with_for_update() if lock else query)
    if product is None:
        raise not_found("product")
    return product


async def _require_free(session: AsyncSession, caller: Caller, sku: str) -> None:
    taken = sa.select(col(Product.id)).where(col(Product.tenant_id) == caller.tenant_id, col(Product.sku) == sku)
    if await session.scalar(taken):
        raise conflict("sku_taken", "Another product has this SKU.")
