"""Products that were never used, and how they go."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import conflict
from models.catalogue import Product, ProductFile, ProductVariant
from models.files import StoredFile
from models.invoices import InvoiceLine
from models.orders import OrderLine
from models.quote_requests import QuoteRequestProduct
from models.quotes import QuoteLine
from models.stock import Stock

_USES = (QuoteLine, OrderLine, InvoiceLine, QuoteRequestProduct)


async def require_unused(session: AsyncSession, product: Product) -> None:
    """Raises 409 `product_in_use` for a product that somebody has asked for, offered, ordered, paid or counted."""
    used = [sa.exists().where(col(model.product_id) == product.id) for model in _USES]
    moved = (col(Stock.movements) > 0) | (col(Stock.claims) > 0)
    used.append(sa.exists().where(col(Stock.product_id) == product.id, moved))
    if await session.scalar(sa.select(sa.or_(*used))):
        raise conflict("product_in_use", "This product was used: make it invisible instead.")


async def delete(session: AsyncSession, product: Product) -> None:
    """Deletes a product with its stock, forms and files; the bytes go with the next sweep. What is used at the same
    moment is refused by the database (409 `reference_gone`)."""
    files = sa.delete(ProductFile).where(col(ProductFile.product_id) == product.id).returning(col(ProductFile.file_id))
    freed = (await session.scalars(files)).all()
    await session.execute(
        sa.update(StoredFile)
        .where(col(StoredFile.id).in_(freed))
        .values(attached_at=None)
        .execution_options(synchronize_session=False)
    )
    for model in (Stock, ProductVariant):
        await session.execute(sa.delete(model).where(col(model.product_id) == product.id))
    await session.delete(product)
    await session.flush()
