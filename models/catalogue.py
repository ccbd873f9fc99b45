"""The catalogue: what a tenant sells."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from domain.catalogue.products import FileRole, ProductKind
from domain.stock.rules import OutOfStock
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, referred_to

# What a product is found by, written by the database whenever it or a variant changes: words of its name and of all
# SKUs, and words of all of its text.
_FOUND_BY = (
    sa.Column("words_of_name", TSVECTOR, server_default="", nullable=False),
    sa.Column("words_of_text", TSVECTOR, server_default="", nullable=False),
)
_EMPTY_LIST = {"server_default": sa.text("'[]'::jsonb")}


class ProductCategory(TenantRow, table=True):
    """A branch of the catalogue's tree; `position` orders it among its siblings."""

    __tablename__ = "product_category"
    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "slug"),
        belongs_to("parent_id", "product_category"),
        sa.CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    parent_id: UUID | None = None
    slug: str = Field(max_length=80)
    name: str = Field(max_length=100)
    position: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Product(TenantRow, table=True):
    """`unit_price` is in minor units of `currency`, without tax. Customers see it when it is `visible`.

    The database names one that has no `slug`. `cost` is for the tenant's own people. `popularity` counts the pieces
    that were sold.
    """

    __table_args__ = (
        *_FOUND_BY,
        sa.UniqueConstraint("tenant_id", "sku"),
        sa.UniqueConstraint("tenant_id", "slug"),
        belongs_to("category_id", "product_category"),
        sa.CheckConstraint("unit_price >= 0", name="price_not_negative"),
        sa.CheckConstraint("sale_price >= 0", name="sale_price_not_negative"),
        sa.CheckConstraint("sale_from < sale_until", name="sale_begins_before_it_ends"),
        sa.CheckConstraint("NOT stock_tracked OR kind = 'goods'", name="only_goods_have_stock"),
        sa.Index(None, "tenant_id", "name", "id"),
        sa.Index(None, "tenant_id", "created_at", "id"),
        sa.Index(None, "tenant_id", "unit_price", "id"),
        sa.Index(None, "tenant_id", "popularity", "id"),
        sa.Index(None, "tenant_id", "category_id", "name", "id"),
        sa.Index("ix_product_on_sale", "tenant_id", postgresql_where=sa.text("sale_price IS NOT NULL")),
        sa.Index("ix_product_found_in_name", "tenant_id", "words_of_name", postgresql_using="gin"),
        sa.Index("ix_product_found_in_text", "tenant_id", "words_of_text", postgresql_using="gin"),
        referred_to(),
    )
    # Read by the search only: they are as long as the rest of the row.
    __mapper_args__ = {"exclude_properties": [column.name for column in _FOUND_BY]}

    sku: str = Field(max_length=60)
    slug: str = Field(default=None, max_length=120)
    name: str = Field(max_length=200)
    summary: str | None = Field(default=None, max_length=500)
    description: str | None = None
    kind: ProductKind = Field(
        default=ProductKind.GOODS, sa_type=enum_type(ProductKind), sa_column_kwargs={"server_default": "goods"}
    )
    category_id: UUID | None = None
    unit_price: int = Field(sa_type=sa.BigInteger)
    sale_price: int | None = Field(default=None, sa_type=sa.BigInteger)
    sale_from: datetime | None = Field(default=None, sa_type=UTC_TIME)
    sale_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    cost: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    tax_rate_bp: int
    stock_tracked: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    low_stock_level: int | None = None
    out_of_stock: OutOfStock = Field(
        default=OutOfStock.REFUSE, sa_type=enum_type(OutOfStock), sa_column_kwargs={"server_default": "refuse"}
    )
    featured: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    visible: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    specifications: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=_EMPTY_LIST)
    video_urls: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=_EMPTY_LIST)
    popularity: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


FOUND: sa.TableClause = sa.table(
    "product_found",
    *(
        sa.column(column.name, column.type)
        for column in Product.__table__.columns  # type: ignore[attr-defined]
        if column.name
        in {
            *("id", "sku", "name", "kind", "category_id", "unit_price", "sale_price", "sale_from", "sale_until"),
            *("currency", "stock_tracked", "featured", "visible", "popularity", "created_at"),
            *(found_by.name for found_by in _FOUND_BY),
        }
    ),
)
"""The tenant's products as the search sees them: the same rows, of which it may use the indexes on words."""


class ProductWord(SQLModel, table=True):
    """A word of a tenant's products, to correct what is misspelt by. The database writes it, and it stays when the last
    product with it is gone."""

    __tablename__ = "product_word"
    __table_args__ = (
        sa.Index(
            "ix_product_word_alike",
            "tenant_id",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )

    tenant_id: UUID = Field(foreign_key="tenant.id", primary_key=True)
    word: str = Field(sa_type=sa.Text(collation="C"), primary_key=True)


class ProductVariant(TenantRow, table=True):
    """A form that a product comes in. Without a price of its own it costs what the product does; without `own_stock`
    its pieces are the product's."""

    __tablename__ = "product_variant"
    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "sku"),
        sa.UniqueConstraint("product_id", "position"),
        sa.CheckConstraint("unit_price >= 0", name="price_not_negative"),
        belongs_to("product_id", "product"),
    )

    product_id: UUID
    position: int
    sku: str = Field(max_length=60)
    name: str = Field(max_length=200)
    unit_price: int | None = Field(default=None, sa_type=sa.BigInteger)
    own_stock: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    visible: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})


class ProductFile(TenantRow, table=True):
    """An image or a document of a product, at its place among the others of its role."""

    __tablename__ = "product_file"
    __table_args__ = (
        sa.UniqueConstraint("file_id"),
        sa.UniqueConstraint("product_id", "role", "position"),
        belongs_to("product_id", "product"),
        belongs_to("file_id", "file"),
    )

    product_id: UUID
    file_id: UUID
    role: FileRole = Field(sa_type=enum_type(FileRole))
    position: int
