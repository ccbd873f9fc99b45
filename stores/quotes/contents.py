"""Finds the papers of what a quote offers."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.files import StoredFile
from models.quotes import QuoteDocument


async def printed_quote(
    session: AsyncSession, quote_id: UUID, content_id: UUID | None, *, sent: bool
) -> StoredFile | None:
    """The file of a content that is on paper already, None when it is not."""
    return await session.scalar(
        sa.select(StoredFile)
        .join(QuoteDocument, col(QuoteDocument.file_id) == col(StoredFile.id))
        .where(
            col(QuoteDocument.quote_id) == quote_id,
            col(QuoteDocument.content_id) == content_id,
            col(QuoteDocument.sent).is_(sent),
        )
    )
