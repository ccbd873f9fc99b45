"""Keeps what was printed as a file: the row comes before its bytes, and of two attempts the first one's stays."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from domain.files.states import FileStatus, ScanResult
from models.files import StoredFile
from stores.files.storage import FileStorage, new_key

PDF = "application/pdf"


async def new_file(session: AsyncSession, tenant_id: UUID, author_id: UUID, name: str) -> StoredFile:
    """The row of a file that is going to be printed."""
    file = StoredFile(tenant_id=tenant_id, uploader_id=author_id, key=new_key(tenant_id), name=f"{name}.pdf")
    session.add(file)
    await session.flush()
    return file


async def store(storage: FileStorage, file: StoredFile, pdf: bytes) -> None:
    """Writes the bytes. Raises StorageAway, to be tried again."""

    async def once() -> AsyncIterator[bytes]:
        yield pdf

    await storage.put(file.key, once())


async def keep(
    session: AsyncSession,
    file: StoredFile,
    pdf: bytes,
    document: type[SQLModel],
    printed: dict[str, Any],
    **besides: Any,
) -> UUID:
    """Records the file as the document of what was `printed`, by the columns that are unique; returns the id of the one
    that counts."""
    now = datetime.now(UTC)
    mine = sa.update(StoredFile).where(col(StoredFile.id) == file.id)
    await session.execute(
        mine.values(
            status=FileStatus.STORED,
            content_type=PDF,
            size=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
            # No virus scan is needed: the file was made here, from text.
            scan=ScanResult.SKIPPED,
            stored_at=now,
            attached_at=now,
        )
    )
    table: sa.Table = document.__table__  # type: ignore[attr-defined]
    kept: UUID | None = await session.scalar(
        insert(document)
        .values(tenant_id=file.tenant_id, file_id=file.id, **printed, **besides)
        .on_conflict_do_nothing(index_elements=list(printed))
        .returning(table.c.file_id)
    )
    if kept:
        return kept
    await session.execute(mine.values(status=FileStatus.REMOVING))
    same = (table.c[name] == value for name, value in printed.items())
    first: UUID = (await session.scalars(sa.select(table.c.file_id).where(*same))).one()
    return first
