"""The forms that a product comes in."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.catalogue.products import find, require_free_sku, visible
from api.catalogue.schemas import EditVariantBody, ProductView, StaffProductView, VariantBody
from api.catalogue.views import read_product, view_for
from api.http.openapi import MAKES_ELSEWHERE
from api.http.problems import field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.catalogue import Product, ProductVariant
from stores.stock.ledger import stocks_for

router = Router(prefix="/products/{product_id}/variants", tags=["catalogue"])

Service = Annotated[Services, Depends(services)]
Writer = Annotated[Caller, Depends(needs(Permission.CATALOGUE_WRITE))]


@router.post(
    "", status_code=HTTPStatus.CREATED, response_model=StaffProductView | ProductView, responses=MAKES_ELSEWHERE
)
async def add_product_variant(product_id: UUID, body: VariantBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Adds a form, after those that there are; 409 `sku_taken` when something else has its SKU."""

    async def create(session: AsyncSession) -> UUID:
        product = await find(session, visible(caller), product_id, lock=True)
        last = sa.select(sa.func.max(col(ProductVariant.position))).where(col(ProductVariant.product_id) == product_id)
        variant = ProductVariant(
            id=uuid7(),
            tenant_id=caller.tenant_id,
            product_id=product_id,
            position=(await session.scalar(last) or 0) + 1,
            **body.model_dump(),
        )
        await require_free_sku(session, caller.tenant_id, body.sku, variant.id)
        session.add(variant)
        await session.flush()
        await _open_stock(session, product, variant)
        await audit(session, caller, "product.variant_added", "product", product_id, {"variant_id": variant.id})
        return product_id

    async def read(session: AsyncSession, product_id: UUID) -> ProductView:
        return await read_product(session, view_for(caller), await find(session, visible(caller), product_id))

    return await create_once(asked, caller, "products.add_variant", create=create, at="/products/{}", read=read)


@router.patch("/{variant_id}")
async def edit_product_variant(
    product_id: UUID, variant_id: UUID, body: EditVariantBody, caller: Writer, service: Service
) -> StaffProductView | ProductView:
    """Changes a form; one that is not sold any more is made invisible. What was claimed of its stock stays claimed."""
    values = body.model_dump(exclude_unset=True)
    for name, value in values.items():
        if value is None and name != "unit_price":
            raise field_error(name, "missing", "A variant cannot be without this.")
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id, lock=True)
        variant = await session.scalar(
            sa.select(ProductVariant).where(
                col(ProductVariant.tenant_id) == caller.tenant_id,
                col(ProductVariant.product_id) == product_id,
                col(ProductVariant.id) == variant_id,
            )
        )
        if variant is None:
            raise not_found("variant")
        if "sku" in values:
            await require_free_sku(session, caller.tenant_id, values["sku"], variant_id)
        for name, value in values.items():
            setattr(variant, name, value)
        await session.flush()
        await _open_stock(session, product, variant)
        view = await read_product(session, view_for(caller), product)
        if values:
            detail = {"variant_id": variant_id, "fields": sorted(values)}
            await audit(session, caller, "product.variant_edited", "product", product_id, detail)
        return view


async def _open_stock(session: AsyncSession, product: Product, variant: ProductVariant) -> None:
    if product.stock_tracked and variant.own_stock:
        await stocks_for(session, product.tenant_id, [(product.id, variant.id)])
