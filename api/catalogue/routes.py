"""The catalogue: the products that a tenant sells and puts into quotes."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.catalogue.comparing import Compared, compare
from api.catalogue.deleting import delete, require_unused
from api.catalogue.figures import statistics
from api.catalogue.files import replace_files
from api.catalogue.products import check, find, given, visible, write
from api.catalogue.schemas import (
    ComparisonView,
    EditProductBody,
    ProductBody,
    ProductFilesBody,
    ProductView,
    StaffProductView,
    StatisticsView,
)
from api.catalogue.searching import Wish, find_products, wish
from api.catalogue.views import find_file, read_product, read_products, view_for
from api.files.downloads import BYTES, require_scanned, send
from api.http.paging import PagingDep
from api.http.payloads import Page
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.catalogue.products import FileRole
from domain.people.permissions import Permission
from domain.quotes.settings import QuoteSettings
from models.catalogue import Product
from models.tenants import Tenant

router = Router(prefix="/products", tags=["catalogue"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.CATALOGUE_READ))]
Staff = Annotated[Caller, Depends(needs(Permission.CATALOGUE_READ_ALL))]
Writer = Annotated[Caller, Depends(needs(Permission.CATALOGUE_WRITE))]
Named = Annotated[str, Path(max_length=120, pattern=r"^[^\x00]+$", description="Id or slug")]
FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": BYTES}},
    206: {"description": "The part that `Range` asks for", "content": {"application/octet-stream": BYTES}},
    304: {"description": "The file that `If-None-Match` names"},
}


@router.get("")
async def list_products(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    wished: Annotated[Wish, Depends(wish)],
    visible_: Annotated[bool | None, Query(alias="visible")] = None,
) -> Page[StaffProductView | ProductView]:
    """The products that the caller may see, by name unless sorted otherwise; customers see those that are for sale."""
    if caller.customer_id and visible_ is False:
        return Page(items=[], next_cursor=None, total=0 if paging.count else None)
    seen = wished.of(visible=True if caller.customer_id else visible_)
    async with service.database.transaction(caller.tenant_id) as session:
        ids, cursor, total = await find_products(session, caller.tenant_id, seen, paging)
        items = await read_products(session, view_for(caller), ids)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=StaffProductView | ProductView)
async def create_product(body: ProductBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Adds a product to the catalogue; 409 `sku_taken` when another one has its SKU."""

    async def create(session: AsyncSession) -> UUID:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        usual: dict[str, Any] = {
            "currency": tenant.currency,
            "tax_rate_bp": QuoteSettings.in_force(tenant.settings).tax_rate_bp,
        }
        set_ = {name: value for name, value in body.model_dump(exclude={"video_urls"}).items() if value is not None}
        product = Product(id=uuid7(), tenant_id=caller.tenant_id, **(usual | set_))
        values = {**set_, "video_urls": [str(url) for url in body.video_urls]}
        await check(session, product, values)
        session.add(product)
        await write(session, product, values)
        await audit(session, caller, "product.created", "product", product.id)
        return product.id

    async def read(session: AsyncSession, product_id: UUID) -> ProductView:
        return await read_product(session, view_for(caller), await find(session, visible(caller), product_id))

    return await create_once(asked, caller, "products.create", create=create, at="/products/{}", read=read)


@router.get("/compare")
async def compare_products(ids: Compared, caller: Reader, service: Service) -> ComparisonView:
    """Two to six products side by side."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await compare(session, visible(caller), ids)


@router.get("/statistics")
async def get_product_statistics(caller: Staff, service: Service) -> StatisticsView:
    """How many products there are, by kind and by what is left of them, and what the stock has cost."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await statistics(session, caller.tenant_id)


@router.get("/{product_id}")
async def get_product(product_id: Named, caller: Reader, service: Service) -> StaffProductView | ProductView:
    """One product, by its id or its slug."""
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id)
        return await read_product(session, view_for(caller), product)


@router.patch("/{product_id}")
async def edit_product(
    product_id: UUID, body: EditProductBody, caller: Writer, service: Service
) -> StaffProductView | ProductView:
    """Changes a product. What was quoted stays as it was quoted."""
    values = given(body)
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id, lock=True)
        await check(session, product, values)
        await write(session, product, {**values, "updated_at": sa.func.now()})
        view = await read_product(session, view_for(caller), product)
        if values:
            await audit(session, caller, "product.edited", "product", product_id, {"fields": sorted(values)})
        return view


@router.delete("/{product_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_product(product_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a product that was never used, with its forms and files; 409 `product_in_use` for any other: make it
    invisible instead."""
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id, lock=True)
        await require_unused(session, product)
        await delete(session, product)
        await audit(session, caller, "product.deleted", "product", product_id, {"sku": product.sku})


@router.put("/{product_id}/images")
async def replace_product_images(
    product_id: UUID, body: ProductFilesBody, caller: Writer, service: Service
) -> StaffProductView | ProductView:
    """The product's images, the first of them foremost; files of `POST /files` that are JPEG, PNG, GIF or WebP."""
    return await _replace(service, caller, product_id, FileRole.IMAGE, body)


@router.put("/{product_id}/documents")
async def replace_product_documents(
    product_id: UUID, body: ProductFilesBody, caller: Writer, service: Service
) -> StaffProductView | ProductView:
    """The product's documents: files of `POST /files`."""
    return await _replace(service, caller, product_id, FileRole.DOCUMENT, body)


@router.get("/{product_id}/files/{product_file_id}", response_class=Response, responses=FILE_RESPONSES)
async def download_product_file(
    product_id: UUID, product_file_id: UUID, request: Request, caller: Reader, service: Service
) -> Response:
    """The bytes of an image or a document, for who may see the product."""
    async with service.database.transaction(caller.tenant_id) as session:
        file = await find_file(session, await find(session, visible(caller), product_id), product_file_id)
    require_scanned(file)
    return await send(request, service.files, file)


async def _replace(
    service: Services, caller: Caller, product_id: UUID, role: FileRole, body: ProductFilesBody
) -> StaffProductView | ProductView:
    async with service.database.transaction(caller.tenant_id) as session:
        product = await find(session, visible(caller), product_id, lock=True)
        await replace_files(session, caller, product, role, body.file_ids)
        view = await read_product(session, view_for(caller), product)
        await audit(session, caller, "product.files_replaced", "product", product_id, {"role": role})
        return view
