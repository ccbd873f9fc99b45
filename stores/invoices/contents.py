"""Finds the papers of an invoice."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.invoices.papers import InvoicePaper
from models.files import StoredFile
from models.invoices import InvoiceDocument


async def printed_invoice(session: AsyncSession, content_id: UUID | None, paper: InvoicePaper) -> StoredFile | None:
    """The file of a paper that was printed already, None when it was not."""
    return await session.scalar(
        sa.select(StoredFile)
        .join(InvoiceDocument, col(InvoiceDocument.file_id) == col(StoredFile.id))
        .where(col(InvoiceDocument.content_id) == content_id, col(InvoiceDocument.paper) == paper)
    )
