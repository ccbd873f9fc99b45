"""The images and documents of a product: taken from what its people have uploaded, and let go."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.files.attachments import take_files
from api.identity.callers import Caller
from domain.catalogue.products import IMAGE_TYPES, FileRole
from models.catalogue import Product, ProductFile
from stores.files.attachments import free


async def replace_files(
    session: AsyncSession, caller: Caller, product: Product, role: FileRole, file_ids: Sequence[UUID]
) -> None:
    """Makes these the product's files of a role, in this order. Those let go are their uploaders' again for a day.

    Raises 422 as `take_files` for new ones.
    """
    mine = (col(ProductFile.product_id) == product.id) & (col(ProductFile.role) == role)
    there = set(await session.scalars(sa.select(col(ProductFile.file_id)).where(mine)))
    allowed = IMAGE_TYPES if role is FileRole.IMAGE else None
    await take_files(session, caller, [each for each in file_ids if each not in there], allowed=allowed)
    await session.execute(sa.delete(ProductFile).where(mine).execution_options(synchronize_session=False))
    session.add_all(
        ProductFile(tenant_id=product.tenant_id, product_id=product.id, file_id=file_id, role=role, position=position)
        for position, file_id in enumerate(file_ids)
    )
    await free(session, list(there - set(file_ids)))
    await session.flush()
