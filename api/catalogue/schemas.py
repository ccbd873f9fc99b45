"""What goes in and out of the catalogue's routes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, HttpUrl, StringConstraints, UrlConstraints, field_validator

from api.files.schemas import AttachedFileView
from api.http.money import BasisPoints, Currency, Minor
from api.http.payloads import Name, Payload, Stored, UtcTime, View
from api.identity.schemas.people import OneLine
from domain.catalogue.products import ProductKind
from domain.stock.rules import OutOfStock

Sku = Annotated[OneLine, StringConstraints(max_length=60)]
Summary = Annotated[Stored, StringConstraints(min_length=1, max_length=500)]
Description = Annotated[Stored, StringConstraints(min_length=1, max_length=5_000)]
PathWord = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Level = Annotated[int, Field(ge=0, le=1_000_000)]
VideoUrl = Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"], max_length=500)]


class SpecificationBody(Payload):
    """One line of what a product is like."""

    name: Annotated[OneLine, StringConstraints(max_length=100)]
    value: Annotated[OneLine, StringConstraints(max_length=500)]


class EditProductBody(Payload):
    """What is left out stays as it is."""

    sku: Sku | None = None
    slug: Annotated[PathWord | None, Field(description="What it is called in addresses")] = None
    name: OneLine | None = None
    summary: Summary | None = None
    description: Description | None = None
    kind: ProductKind | None = None
    category_id: UUID | None = None
    unit_price: Minor | None = None
    sale_price: Annotated[Minor | None, Field(description="Asked instead, from `sale_from` until `sale_until`")] = None
    sale_from: UtcTime | None = None
    sale_until: UtcTime | None = None
    cost: Annotated[Minor | None, Field(description="What it costs yourselves; customers never see it")] = None
    currency: Currency | None = None
    tax_rate_bp: BasisPoints | None = None
    stock_tracked: Annotated[bool | None, Field(description="Whether its pieces are counted; goods only")] = None
    low_stock_level: Annotated[Level | None, Field(description="At so many pieces it is listed as low")] = None
    out_of_stock: Annotated[OutOfStock | None, Field(description="What becomes of who wants more than there is")] = None
    featured: bool | None = None
    visible: Annotated[bool | None, Field(description="Whether customers see it")] = None
    specifications: Annotated[list[SpecificationBody] | None, Field(max_length=100)] = None
    video_urls: Annotated[list[VideoUrl] | None, Field(max_length=10)] = None


class ProductBody(EditProductBody):
    """Without a currency it is sold in the tenant's; without a rate it has the tenant's usual one; without a slug it
    gets one of its name."""

    sku: Sku
    name: OneLine
    unit_price: Minor
    kind: ProductKind = ProductKind.GOODS
    stock_tracked: bool = False
    out_of_stock: OutOfStock = OutOfStock.REFUSE
    featured: bool = False
    visible: bool = True
    specifications: Annotated[list[SpecificationBody], Field(max_length=100)] = []
    video_urls: Annotated[list[VideoUrl], Field(max_length=10)] = []


class EditVariantBody(Payload):
    """What is left out stays as it is."""

    sku: Sku | None = None
    name: OneLine | None = None
    unit_price: Annotated[Minor | None, Field(description="Without one it costs what the product does")] = None
    own_stock: Annotated[bool | None, Field(description="Whether its pieces are kept apart")] = None
    visible: bool | None = None


class VariantBody(EditVariantBody):
    """A form that a product comes in."""

    sku: Sku
    name: OneLine
    own_stock: bool = False
    visible: bool = True


class ProductFilesBody(Payload):
    """All of them, in their order: yours that are new are taken, those that are left out are let go."""

    file_ids: Annotated[list[UUID], Field(max_length=20)]

    @field_validator("file_ids")
    @classmethod
    def _each_once(cls, file_ids: list[UUID]) -> list[UUID]:
        return list(dict.fromkeys(file_ids))


class ProductCategoryBody(Payload):
    """A branch of the catalogue, below another one or at the root."""

    name: Name
    slug: PathWord
    parent_id: UUID | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] = 0


class ProductCategoryView(View):
    id: UUID
    name: str
    slug: str
    parent_id: UUID | None
    position: int


class ProductCategoryTreeView(ProductCategoryView):
    """A category with those below it."""

    children: list["ProductCategoryTreeView"] = []


class CatalogueTreeView(View):
    items: list[ProductCategoryTreeView]


class VariantView(View):
    """A form that the product comes in; `price` is what it costs now."""

    id: UUID
    sku: str
    name: str
    price: int
    in_stock: bool


class SpecificationView(View):
    name: str
    value: str


class PublicProductView(View):
    """A product for everybody. Prices are in minor units of its currency, without tax; `price` is what it costs now,
    which in a sale is less than `unit_price`."""

    id: UUID
    sku: str
    slug: str
    name: str
    summary: str | None
    description: str | None
    kind: ProductKind
    category_id: UUID | None
    unit_price: int
    price: int
    sale_until: datetime | None
    currency: str
    tax_rate_bp: int
    featured: bool
    in_stock: bool
    images: list[AttachedFileView]
    documents: list[AttachedFileView]
    variants: list[VariantView]
    specifications: list[SpecificationView]
    video_urls: list[str]
    created_at: datetime


class ProductView(PublicProductView):
    """A product for those who have logged in."""

    visible: bool
    updated_at: datetime


class StaffVariantView(VariantView):
    unit_price: int | None
    own_stock: bool
    visible: bool


class StaffProductView(ProductView):
    """A product for the people of the tenant."""

    cost: int | None
    sale_price: int | None
    sale_from: datetime | None
    stock_tracked: bool
    low_stock_level: int | None
    out_of_stock: OutOfStock
    popularity: int
    variants: list[StaffVariantView]  # type: ignore[assignment]


class ComparedSpecificationView(View):
    """A specification, with its value for each of the products, or null."""

    name: str
    values: list[str | None]


class ComparisonView(View):
    """Products side by side, in the order in which they were asked for."""

    items: list[PublicProductView]
    specifications: list[ComparedSpecificationView]


class StockValueView(View):
    """What all that is on hand has cost, where the cost is known."""

    currency: str
    cost: int


class StatisticsView(View):
    products: int
    visible: int
    featured: int
    on_sale: int
    by_kind: dict[str, int]
    out_of_stock: int
    low_stock: int
    stock_value: list[StockValueView]
