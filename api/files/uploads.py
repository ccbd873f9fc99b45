"""Takes a file in: checked while it streams, never held, and either kept whole with its row or not at all.

The row comes first, as `uploading`; then the bytes, which the storage shows only when they are complete; then the row
says `stored`. The sweep (`activities.files.sweep`) removes whatever was cut off in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import sqlalchemy as sa
import structlog
from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import asking_with, create_once
from api.files.multipart import FIELD, file_part
from api.files.schemas import FileView
from api.http.problems import Problem, conflict
from api.http.services import Services
from api.identity.callers import Caller
from domain.files.names import checked_name
from domain.files.states import UNFINISHED_AFTER, FileStatus, ScanResult
from domain.refusal import Refusal
from models.files import StoredFile
from stores.files.content import IncomingContent, store
from stores.files.storage import StorageAway, new_key

LONGEST_SECONDS = UNFINISHED_AFTER.total_seconds() / 2
"""How long an upload may take: well below the age at which it is given up."""

_STATUS_OF_CODE = {"file_type_refused": HTTPStatus.UNSUPPORTED_MEDIA_TYPE}

log = structlog.get_logger(__name__)


async def take_in(request: Request, service: Services, caller: Caller, idempotency_key: str | None) -> Response:
    """Answers an upload with its FileView, once per idempotency key.

    Raises Problem: 413 `file_too_large`, 415 `file_type_refused`, 422 `file_empty`, `file_name_refused`,
    `archive_refused`, `file_infected`, and those of `api.files.multipart`; StorageAway.
    """
    part = await file_part(request, max_bytes=service.settings.file_max_bytes, within_seconds=LONGEST_SECONDS)
    with _refusals_as_problems():
        name = checked_name(part.name)
        content = IncomingContent(part.chunks())
        await content.begin(name)
        file = StoredFile(
            id=uuid7(),
            tenant_id=caller.tenant_id,
            uploader_id=caller.account_id,
            key=new_key(caller.tenant_id),
            name=name,
        )
        async with service.database.transaction(caller.tenant_id) as session:
            session.add(file)
        upload = _Upload(service, file, content)
        try:
            await upload.store()
            # A repeated request sends the same file, but usually with another multipart boundary: only the file is
            # compared.
            asked = asking_with(request, service, f"{name}\n{content.sha256}".encode(), idempotency_key)

            async def create(session: AsyncSession) -> UUID:
                kept = await upload.keep(session)
                await audit(session, caller, "file.uploaded", "file", kept)
                return kept

            answer = await create_once(asked, caller, "file.upload", create=create, at="/files/{}", read=_view)
            upload.over = upload.kept
        finally:
            # The upload failed, or an earlier request with this key has stored the file.
            if not upload.over:
                await upload.discard()
        return answer


class _Upload:
    """A file whose row says `uploading`."""

    def __init__(self, service: Services, file: StoredFile, content: IncomingContent) -> None:
        self._service = service
        self._file = file
        self._content = content
        self._type = content.type
        self._scan = ScanResult.PENDING
        self.kept = False
        self.over = False

    async def store(self) -> None:
        """Brings the bytes into the storage and judges the whole of them. Raises Refusal."""
        judged = await store(self._service.files, self._service.scanner, self._file.key, self._content)
        self._type, self._scan = judged.type, judged.scan

    async def keep(self, session: AsyncSession) -> UUID:
        """Says in the row that the bytes are there."""
        kept = await session.scalar(
            sa.update(StoredFile)
            .where(col(StoredFile.id) == self._file.id, col(StoredFile.status) == FileStatus.UPLOADING)
            .values(
                status=FileStatus.STORED,
                content_type=self._type,
                size=self._content.size,
                sha256=self._content.sha256,
                scan=self._scan,
                stored_at=datetime.now(UTC),
            )
            .returning(col(StoredFile.id))
            .execution_options(synchronize_session=False)
        )
        if kept is None:
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "upload_too_slow", "The upload took too long.")
        self.kept = True
        return self._file.id

    async def discard(self) -> None:
        """Removes bytes and row, unless the row says `stored`: that commit may have succeeded although its answer got
        lost."""
        database, tenant_id = self._service.database, self._file.tenant_id
        async with database.transaction(tenant_id) as session:
            unfinished = await doom(session, self._file.id, col(StoredFile.status) == FileStatus.UPLOADING)
        if unfinished:
            await remove(self._service, tenant_id, self._file.id, self._file.key)


async def doom(session: AsyncSession, file_id: UUID, *still: sa.ColumnElement[bool]) -> bool:
    """Marks a file for removal, so that nobody can attach it any more, if it is `still` so; returns whether it was."""
    doomed = await session.scalar(
        sa.update(StoredFile)
        .where(col(StoredFile.id) == file_id, *still)
        .values(status=FileStatus.REMOVING)
        .returning(col(StoredFile.id))
        .execution_options(synchronize_session=False)
    )
    return doomed is not None


async def remove(service: Services, tenant_id: UUID, file_id: UUID, key: str) -> None:
    """Removes the bytes, then the row, of a file whose row says `removing`; the sweep does where the storage is
    away."""
    try:
        await service.files.delete(key)
    except StorageAway:
        log.warning("file_left_to_the_sweep", file_id=str(file_id))
        return
    async with service.database.transaction(tenant_id) as session:
        await session.execute(sa.delete(StoredFile).where(col(StoredFile.id) == file_id))


async def _view(session: AsyncSession, file_id: UUID) -> FileView:
    file = await session.get(StoredFile, file_id)
    if file is None or file.status is not FileStatus.STORED:
        raise conflict("file_gone", "The file that was uploaded with this key has been removed since.")
    return FileView.model_validate(file)


@contextmanager
def _refusals_as_problems() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        errors = [{"field": FIELD, "code": refusal.code, "detail": refusal.sentence}]
        status = _STATUS_OF_CODE.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        raise Problem(status, refusal.code, refusal.sentence, errors=errors) from None
