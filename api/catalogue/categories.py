"""The tree that the catalogue is ordered by."""

from collections import defaultdict
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
from api.catalogue.schemas import CatalogueTreeView, ProductCategoryBody, ProductCategoryTreeView, ProductCategoryView
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.catalogue.products import DEEPEST_CATEGORY
from domain.people.permissions import Permission
from models.catalogue import Product, ProductCategory

router = Router(prefix="/categories/products", tags=["catalogue"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.CATALOGUE_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.CATALOGUE_WRITE))]


@router.get("")
async def list_product_categories(caller: Reader, service: Service) -> CatalogueTreeView:
    """The whole tree."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await tree(session, caller.tenant_id)


@router.post("", status_code=HTTPStatus.CREATED, response_model=ProductCategoryView)
async def create_product_category(body: ProductCategoryBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Adds a category; 409 `slug_taken` when another one has its slug."""

    async def create(session: AsyncSession) -> UUID:
        category = ProductCategory(id=uuid7(), tenant_id=caller.tenant_id, **body.model_dump())
        await _check(session, category.id, caller.tenant_id, body)
        session.add(category)
        await session.flush()
        await audit(session, caller, "product_category.created", "product_category", category.id)
        return category.id

    async def read(session: AsyncSession, category_id: UUID) -> ProductCategoryView:
        return ProductCategoryView.model_validate(await _find(session, caller, category_id))

    return await create_once(
        asked, caller, "product_categories.create", create=create, at="/categories/products/{}", read=read
    )


@router.get("/{product_category_id}")
async def get_product_category(product_category_id: UUID, caller: Reader, service: Service) -> ProductCategoryView:
    """One category, without those below it."""
    async with service.database.transaction(caller.tenant_id) as session:
        return ProductCategoryView.model_validate(await _find(session, caller, product_category_id))


@router.put("/{product_category_id}")
async def replace_product_category(
    product_category_id: UUID, body: ProductCategoryBody, caller: Writer, service: Service
) -> ProductCategoryView:
    """Renames or moves a category, with all that is below it."""
    async with service.database.transaction(caller.tenant_id) as session:
        category = await _find(session, caller, product_category_id)
        await _check(session, product_category_id, caller.tenant_id, body)
        for name, value in body.model_dump().items():
            setattr(category, name, value)
        await session.flush()
        await audit(session, caller, "product_category.replaced", "product_category", product_category_id)
        return ProductCategoryView.model_validate(category)


@router.delete("/{product_category_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_product_category(product_category_id: UUID, caller: Writer, service: Service) -> None:
    """Removes a category that nothing is in; 409 `category_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        category = await _find(session, caller, product_category_id)
        within = (col(Product.category_id), col(ProductCategory.parent_id))
        for inside in within:
            if await session.scalar(sa.select(sa.literal(1)).where(inside == product_category_id).limit(1)):
                raise conflict("category_in_use", "There are products or categories in this category.")
        await session.delete(category)
        await session.flush()
        await audit(session, caller, "product_category.deleted", "product_category", product_category_id)


async def tree(session: AsyncSession, tenant_id: UUID) -> CatalogueTreeView:
    """All categories of the tenant, each with those below it."""
    below: defaultdict[UUID | None, list[ProductCategoryTreeView]] = defaultdict(list)
    views = []
    for category in await _all(session, tenant_id):
        view = ProductCategoryTreeView.model_validate({**category.model_dump(), "children": []})
        below[category.parent_id].append(view)
        views.append(view)
    for view in views:
        view.children = below[view.id]
    return CatalogueTreeView(items=below[None])


async def _all(session: AsyncSession, tenant_id: UUID) -> list[ProductCategory]:
    found = await session.scalars(
        sa.select(ProductCategory)
        .where(col(ProductCategory.tenant_id) == tenant_id)
        .order_by(col(ProductCategory.position), col(ProductCategory.name), col(ProductCategory.id))
    )
    return list(found)


async def _find(session: AsyncSession, caller: Caller, category_id: UUID) -> ProductCategory:
    category = await session.scalar(
        sa.select(ProductCategory).where(
            col(ProductCategory.tenant_id) == caller.tenant_id, col(ProductCategory.id) == category_id
        )
    )
    if category is None:
        raise not_found("category")
    return category


async def _check(session: AsyncSession, own_id: UUID, tenant_id: UUID, body: ProductCategoryBody) -> None:
    # One change of the tree at a time: two moves could otherwise put two categories into each other.
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"product_category/{tenant_id}"))))
    categories = {category.id: category for category in await _all(session, tenant_id)}
    if any(category.slug == body.slug and category.id != own_id for category in categories.values()):
        raise conflict("slug_taken", "Another category has this slug.")
    if body.parent_id is None:
        return
    if body.parent_id not in categories:
        raise field_error("parent_id", "unknown", "There is no category with this id.")
    above: list[UUID] = []
    place: UUID | None = body.parent_id
    while place is not None:
        above.append(place)
        place = categories[place].parent_id
    if own_id in above:
        raise field_error("parent_id", "category_in_itself", "A category cannot lie in itself.")
    if len(above) + _height(own_id, list(categories.values())) > DEEPEST_CATEGORY:
        raise field_error("parent_id", "category_too_deep", f"Categories lie {DEEPEST_CATEGORY} deep at most.")


def _height(category_id: UUID, categories: list[ProductCategory]) -> int:
    """How many levels a category is with what is below it."""
    below = [category.id for category in categories if category.parent_id == category_id]
    return 1 + max((_height(each, categories) for each in below), default=0)
