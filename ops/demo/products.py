"""What the demo tenants sell, and what of it is in their houses."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from domain.catalogue.products import ProductKind
from domain.stock.rules import OutOfStock
from models.catalogue import Product, ProductCategory, ProductVariant
from stores.stock.claims import Cause, receive
from stores.stock.ledger import stocks_for

WARES: dict[str, dict[str, Any]] = {
    "meeting-table": {
        "sku": "TAB-10",
        "name": "Meeting table",
        "description": "Oak, seats ten",
        "kind": ProductKind.GOODS,
        "unit_price": 12_400_000,
        "cost": 8_100_000,
        "tax_rate_bp": 1_900,
        "featured": True,
        "stock_tracked": True,
        "low_stock_level": 2,
        "out_of_stock": OutOfStock.BACKORDER,
        "specifications": [{"name": "Seats", "value": "10"}, {"name": "Wood", "value": "Oak"}],
    },
    "chair": {
        "sku": "CHAIR-1",
        "name": "Chair",
        "kind": ProductKind.GOODS,
        "unit_price": 3_483_500,
        "sale_price": 3_100_000,
        "cost": 2_000_000,
        "tax_rate_bp": 1_900,
        "stock_tracked": True,
        "low_stock_level": 10,
    },
    "assembly": {
        "sku": "HOUR-1",
        "name": "Assembly",
        "description": "By the hour",
        "kind": ProductKind.SERVICE,
        "unit_price": 450_000,
        "tax_rate_bp": 900,
        "stock_tracked": False,
    },
}
"""What is sold, by its slug, in the words of the catalogue's tables and of its API."""

_DELIVERED = Cause(None, None, None, "First delivery")


async def seed_products(session: AsyncSession, tenant_id: UUID, currency: str) -> None:
    """Furniture in a small tree of categories: some of it counted, one kind in two colours, and a service."""
    furniture = ProductCategory(id=uuid7(), tenant_id=tenant_id, slug="furniture", name="Furniture")
    services = ProductCategory(id=uuid7(), tenant_id=tenant_id, slug="services", name="Services", position=1)
    session.add_all([furniture, services])
    await session.flush()
    seats = ProductCategory(id=uuid7(), tenant_id=tenant_id, parent_id=furniture.id, slug="seats", name="Seats")
    session.add(seats)
    await session.flush()
    branches = {"meeting-table": furniture, "chair": seats, "assembly": services}
    sold = {
        slug: Product(
            id=uuid7(), tenant_id=tenant_id, slug=slug, category_id=branches[slug].id, currency=currency, **WARES[slug]
        )
        for slug in WARES
    }
    session.add_all(sold.values())
    await session.flush()
    table, chair = sold["meeting-table"], sold["chair"]
    red = ProductVariant(
        id=uuid7(), tenant_id=tenant_id, product_id=chair.id, position=1, sku="CHAIR-1-R", name="Red", own_stock=True
    )
    session.add(red)
    await session.flush()
    pieces = {(table.id, None): 4, (chair.id, None): 60, (chair.id, red.id): 8}
    for key, stock_id in (await stocks_for(session, tenant_id, pieces)).items():
        await receive(session, tenant_id, stock_id, pieces[key], _DELIVERED, datetime.now(UTC))
