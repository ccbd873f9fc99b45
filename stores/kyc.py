"""The documents of an identity check as they are stored."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.kyc.rules import Document
from models.kyc import KycDocument


async def document_rows(session: AsyncSession, customer_id: UUID) -> Sequence[KycDocument]:
    """The rows of the documents that a case has taken and not removed, oldest first."""
    rows = await session.scalars(
        sa.select(KycDocument)
        .where(
            col(KycDocument.customer_id) == customer_id,
            col(KycDocument.added_at).is_not(None),
            col(KycDocument.removed_at).is_(None),
        )
        .order_by(col(KycDocument.added_at), col(KycDocument.id))
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def documents_of(session: AsyncSession, customer_id: UUID) -> tuple[Document, ...]:
    """Those documents as the workflow knows them."""
    return tuple(map(document_of, await document_rows(session, customer_id)))


def document_of(row: KycDocument) -> Document:
    """A document as the workflow knows it."""
    return Document(
        id=row.id,
        type=row.type,
        uploader_id=row.uploader_id,
        status=row.status,
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        expires_at=row.expires_at,
        country=row.country,
        decided_at=row.decided_at,
        replaced=row.replaced_at is not None,
    )
