"""What becomes of a command that its workflow has refused."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.cases import CommandStatus
from models.cases import CommandRow
from stores.files.attachments import release_document_files, release_files


async def mark_fault(session: AsyncSession, tenant_id: UUID, command_id: UUID, fault: str) -> None:
    """Writes the defect on a pending command that keeps it from being carried out."""
    await session.execute(
        sa.update(CommandRow)
        .where(
            col(CommandRow.tenant_id) == tenant_id,
            col(CommandRow.id) == command_id,
            col(CommandRow.status) == CommandStatus.PENDING,
        )
        .values(fault=fault[:60])
        .execution_options(synchronize_session=False)
    )


async def refuse(session: AsyncSession, tenant_id: UUID, command_id: UUID, code: str, sentence: str) -> bool:
    """Writes a workflow's refusal on the command; false when it has been settled already, as somebody else saw it.

    The files of a message or a document that will now never be taken are free again.
    """
    arguments = await session.scalar(
        sa.update(CommandRow)
        .where(
            col(CommandRow.tenant_id) == tenant_id,
            col(CommandRow.id) == command_id,
            col(CommandRow.status) == CommandStatus.PENDING,
        )
        .values(status=CommandStatus.REFUSED, code=code, detail=sentence, settled_at=datetime.now(UTC))
        .returning(col(CommandRow.arguments))
        .execution_options(synchronize_session=False)
    )
    if arguments is None:
        return False
    if message_id := arguments.get("message_id"):
        await release_files(session, UUID(message_id))
    if document_id := arguments.get("document_id"):
        await release_document_files(session, UUID(document_id))
    return True
