"""The catalogue for everybody: what a tenant has for sale, without an account.

It shows no cost, no figures and nothing that is hidden; the tenant is named by its slug.
"""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Request, Response
from sqlmodel import col

from api.catalogue.categories import tree
from api.catalogue.comparing import Compared, compare
from api.catalogue.products import find
from api.catalogue.routes import FILE_RESPONSES, Named
from api.catalogue.schemas import CatalogueTreeView, ComparisonView, PublicProductView
from api.catalogue.searching import Wish, find_products, wish
from api.catalogue.views import find_file, read_product, read_products
from api.files.downloads import require_scanned, send
from api.http.openapi import problems
from api.http.paging import PagingDep
from api.http.payloads import Page
from api.http.public_paths import PUBLIC
from api.http.rate_limits import PUBLIC_CATALOGUE, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.named_tenant import TenantId
from models.catalogue import Product

router = Router(
    prefix=f"{PUBLIC}/{{tenant_slug}}",
    tags=["catalogue"],
    dependencies=[Depends(limited(PUBLIC_CATALOGUE))],
    responses=problems(HTTPStatus.NOT_FOUND),
)

Service = Annotated[Services, Depends(services)]


@router.get("/products")
async def list_public_products(
    tenant_id: TenantId, service: Service, paging: PagingDep, wished: Annotated[Wish, Depends(wish)]
) -> Page[PublicProductView]:
    """What the company has for sale, by name unless sorted otherwise."""
    async with service.database.transaction(tenant_id) as session:
        ids, cursor, total = await find_products(session, tenant_id, wished.of(visible=True), paging)
        items = await read_products(session, PublicProductView, ids)
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/products/compare")
async def compare_public_products(ids: Compared, tenant_id: TenantId, service: Service) -> ComparisonView:
    """Two to six products side by side."""
    async with service.database.transaction(tenant_id) as session:
        return await compare(session, _for_sale(tenant_id), ids)


@router.get("/products/{product_id}")
async def get_public_product(product_id: Named, tenant_id: TenantId, service: Service) -> PublicProductView:
    """One product, by its id or its slug."""
    async with service.database.transaction(tenant_id) as session:
        product = await find(session, _for_sale(tenant_id), product_id)
        return await read_product(session, PublicProductView, product)


@router.get("/products/{product_id}/files/{product_file_id}", response_class=Response, responses=FILE_RESPONSES)
async def download_public_file(
    product_id: Named, product_file_id: UUID, request: Request, tenant_id: TenantId, service: Service
) -> Response:
    """The bytes of an image or a document of a product that is for sale."""
    async with service.database.transaction(tenant_id) as session:
        file = await find_file(session, await find(session, _for_sale(tenant_id), product_id), product_file_id)
    require_scanned(file)
    return await send(request, service.files, file)


@router.get("/categories/products")
async def list_public_categories(tenant_id: TenantId, service: Service) -> CatalogueTreeView:
    """The tree that the catalogue is ordered by."""
    async with service.database.transaction(tenant_id) as session:
        return await tree(session, tenant_id)


def _for_sale(tenant_id: UUID) -> sa.Select[Product]:
    return sa.select(Product).where(col(Product.tenant_id) == tenant_id, col(Product.visible))
