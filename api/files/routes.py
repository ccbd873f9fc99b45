"""Files: sending them in before they are attached to something, and fetching them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import IdempotencyKey
from api.files.downloads import BYTES, require_scanned, send
from api.files.schemas import FileView
from api.files.uploads import doom, remove, take_in
from api.http.problems import conflict, not_found
from api.http.rate_limits import UPLOAD, limited_for_each
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.registry import KINDS
from domain.files.states import FileStatus
from domain.people.permissions import Permission
from models.files import StoredFile
from models.kyc import KycDocumentFile

router = Router(prefix="/files", tags=["files"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.FILES_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.FILES_WRITE))]

_FORM = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
    "additionalProperties": False,
}


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=FileView,
    dependencies=[Depends(limited_for_each(UPLOAD))],
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload_file(
    request: Request,
    # Also open to suspended customers: they come back by handing in a new document.
    caller: Annotated[Caller, Depends(needs(Permission.FILES_WRITE, even_suspended=True))],
    service: Service,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Sends a file in, to be attached to a ticket or a message by its id within a day. Its type is told by its bytes:
    JPEG, PNG, GIF, WebP, PDF, docx, xlsx, pptx, text, CSV or zip."""
    return await take_in(request, service, caller, idempotency_key)


@router.get(
    "/{file_id}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": BYTES}},
        206: {"description": "The part that `Range` asks for", "content": {"application/octet-stream": BYTES}},
        304: {"description": "The file that `If-None-Match` names"},
    },
)
async def download_file(file_id: UUID, request: Request, caller: Reader, service: Service) -> Response:
    """The bytes of a file, for its uploader and for who may see what it is attached to."""
    async with service.database.transaction(caller.tenant_id) as session:
        file = await _find(session, caller, file_id)
    require_scanned(file)
    return await send(request, service.files, file)


@router.get("/{file_id}/meta")
async def get_file(file_id: UUID, caller: Reader, service: Service) -> FileView:
    """What is known of a file, for those who may fetch it."""
    async with service.database.transaction(caller.tenant_id) as session:
        return FileView.model_validate(await _find(session, caller, file_id))


@router.delete("/{file_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_file(file_id: UUID, caller: Writer, service: Service) -> None:
    """Removes a file that one has sent in oneself and that is attached to nothing; 409 `file_attached` for another."""
    async with service.database.transaction(caller.tenant_id) as session:
        file = await _find(session, caller, file_id)
        loose = (
            col(StoredFile.uploader_id) == caller.account_id,
            col(StoredFile.status) == FileStatus.STORED,
            col(StoredFile.attached_at).is_(None),
        )
        if not await doom(session, file_id, *loose):
            raise conflict("file_attached", "This file belongs to something, or somebody else has sent it in.")
        await audit(session, caller, "file.deleted", "file", file_id)
    await remove(service, caller.tenant_id, file_id, file.key)


async def _find(session: AsyncSession, caller: Caller, file_id: UUID) -> StoredFile:
    """The finished file, as the caller may see it. Raises 404."""
    # Identity documents are fetched through their own route only, which records every access.
    of_kyc = sa.select(col(KycDocumentFile.id)).where(col(KycDocumentFile.file_id) == file_id).exists()
    seen = (col(StoredFile.uploader_id) == caller.account_id) & sa.not_(of_kyc)
    for entry in KINDS.values():
        if entry.files:
            seen |= entry.files(caller, file_id)
    file = await session.scalar(
        sa.select(StoredFile).where(
            col(StoredFile.tenant_id) == caller.tenant_id,
            col(StoredFile.id) == file_id,
            col(StoredFile.status) == FileStatus.STORED,
            seen,
        )
    )
    if file is None:
        raise not_found("file")
    return file
