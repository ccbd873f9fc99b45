"""Commands that are not done: refused, put off, or waiting for an older one of their case."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.cases import CommandStatus
from models.cases import CommandRow
from stores.files.attachments import release_document_files, release_files
from stores.mail.settling import take_back

_OF_ONE_TRY = timedelta(seconds=1)

GIVEN_UP_AFTER = timedelta(seconds=5)
"""A pending command that is older is carried by no request any more, even if none has said so."""


def left_behind(tenant_id: Any, case_id: Any, created_at: Any, opening: str | None) -> sa.ColumnElement[bool]:
    """Whether a command is pending, of that case and older than that moment, and nobody carries it just now; one of the
    kind `opening` counts in any case, because nothing can be decided before it.

    One that met a defect does not count: it may wait for a roll-out, and its case lives on meanwhile.
    """
    forgotten = sa.and_(
        col(CommandRow.put_off_at).is_not(None) | (col(CommandRow.created_at) < sa.func.now() - GIVEN_UP_AFTER),
        col(CommandRow.fault).is_(None),
    )
    return sa.and_(
        col(CommandRow.tenant_id) == tenant_id,
        col(CommandRow.case_id) == case_id,
        col(CommandRow.status) == CommandStatus.PENDING,
        col(CommandRow.created_at) < created_at,
        forgotten | (col(CommandRow.kind) == opening) if opening else forgotten,
    )


async def put_off(session: AsyncSession, tenant_id: UUID, command_id: UUID, fault: str | None = None) -> None:
    """Notes on a pending command that it was carried in vain, and the defect that was the reason, if one was. When many
    have waited for the same answer, that was one try."""
    long_ago = col(CommandRow.put_off_at) < sa.func.clock_timestamp() - _OF_ONE_TRY
    another = sa.case((col(CommandRow.put_off_at).is_(None) | long_ago, 1), else_=0)
    await session.execute(
        sa.update(CommandRow)
        .where(
            col(CommandRow.tenant_id) == tenant_id,
            col(CommandRow.id) == command_id,
            col(CommandRow.status) == CommandStatus.PENDING,
        )
        .values(
            fault=fault[:60] if fault else None,
            tries=col(CommandRow.tries) + another,
            put_off_at=sa.func.clock_timestamp(),
        )
        .execution_options(synchronize_session=False)
    )


async def refuse(session: AsyncSession, tenant_id: UUID, command_id: UUID, code: str, sentence: str) -> bool:
    """Writes a workflow's refusal on the command; false when it has been settled already, as somebody else saw it.

    The files of a message or a document that will now never be taken are free again, and what came by mail is decided
    about anew.
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
        await take_back(session, tenant_id, command_id, code)
    if document_id := arguments.get("document_id"):
        await release_document_files(session, UUID(document_id))
    return True
