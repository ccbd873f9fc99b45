"""The files of messages and documents: finding them, and detaching them from what was refused, so that their uploaders
can use them again."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.files.states import FileStatus
from models.files import StoredFile
from models.kyc import KycDocument, KycDocumentFile
from models.tickets import TicketMessageFile


async def files_of_message(session: AsyncSession, message_id: UUID) -> list[StoredFile]:
    """The files that came with a message, in their order."""
    found = await session.scalars(
        sa.select(StoredFile)
        .join(TicketMessageFile, col(TicketMessageFile.file_id) == col(StoredFile.id))
        .where(col(TicketMessageFile.message_id) == message_id, col(StoredFile.status) == FileStatus.STORED)
        .order_by(col(TicketMessageFile.position))
    )
    return list(found)


async def release_files(session: AsyncSession, message_id: UUID) -> None:
    """Takes the files off a message that will not be posted, so that their uploader can use them again."""
    released = await session.scalars(
        sa.delete(TicketMessageFile)
        .where(col(TicketMessageFile.message_id) == message_id)
        .returning(col(TicketMessageFile.file_id))
        .execution_options(synchronize_session=False)
    )
    await free(session, list(released))


async def release_document_files(session: AsyncSession, document_id: UUID) -> None:
    """Takes the files off a document of an identity check that was never taken; one that was keeps them."""
    never_taken = sa.select(col(KycDocument.id)).where(
        col(KycDocument.id) == document_id, col(KycDocument.added_at).is_(None)
    )
    released = await session.scalars(
        sa.delete(KycDocumentFile)
        .where(col(KycDocumentFile.document_id).in_(never_taken))
        .returning(col(KycDocumentFile.file_id))
        .execution_options(synchronize_session=False)
    )
    await free(session, list(released))


async def free(session: AsyncSession, file_ids: list[UUID]) -> None:
    """Gives files back to their uploaders, who can use them for something else."""
    if not file_ids:
        return
    await session.execute(
        sa.update(StoredFile)
        .where(col(StoredFile.id).in_(file_ids))
        .values(attached_at=None)
        .execution_options(synchronize_session=False)
    )
