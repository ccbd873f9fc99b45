"""Finds the papers of an invoice, and when it is due."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.invoices.papers import InvoicePaper
from models.files import StoredFile
from models.invoices import Invoice, InvoiceDocument


async def printed_invoice(session: AsyncSession, content_id: UUID | None, paper: InvoicePaper) -> StoredFile | None:
    """The file of a paper that was printed already, None when it was not."""
    return await session.scalar(
        sa.select(StoredFile)
        .join(InvoiceDocument, col(InvoiceDocument.file_id) == col(StoredFile.id))
        .where(col(InvoiceDocument.content_id) == content_id, col(InvoiceDocument.paper) == paper)
    )


async def due_at_of(session: AsyncSession, invoice_id: UUID | None) -> datetime | None:
    """When the term of payment of an invoice ends; None for a draft."""
    return await session.scalar(sa.select(col(Invoice.due_at)).where(col(Invoice.id) == invoice_id))
