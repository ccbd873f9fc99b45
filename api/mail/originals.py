"""Mails as they came, and what of them is not kept as a file: for few, and each access is in the audit."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path, Response
from fastapi.responses import StreamingResponse
from sqlmodel import col

from api.audit.entries import audit
from api.files.downloads import BYTES, content_disposition
from api.http.problems import not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.messages import find_mail
from domain.mail.reading.content import Unreadable
from domain.mail.reading.parts import part_bytes
from domain.people.permissions import Permission
from models.mail import Mail, MailPart

router = Router(prefix="/mail/messages/{mail_id}", tags=["mail"])

Service = Annotated[Services, Depends(services)]
RawReader = Annotated[Caller, Depends(needs(Permission.MAIL_RAW))]

# Whatever is in it: a browser shows nothing of it, and runs no scripts.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": BYTES}}}


@router.get("/raw", response_class=StreamingResponse, responses=_DOWNLOAD)
async def download_raw_mail(mail_id: UUID, caller: RawReader, service: Service) -> Response:
    """The mail as it came, byte by byte. 404 once its time is over."""
    async with service.database.transaction(caller.tenant_id) as session:
        mail = await find_mail(session, caller, mail_id)
        key = _key_of(mail)
        await audit(session, caller, "mail.raw_read", "mail", mail_id)
    try:
        chunks = await service.files.get(key, 0, mail.raw_size)
    except FileNotFoundError:
        raise not_found("raw mail") from None
    headers = {"Content-Disposition": content_disposition(f"{mail_id}.eml"), **_HEADERS}
    return StreamingResponse(chunks, headers=headers, media_type="application/octet-stream")


@router.get("/attachments/{place}", response_class=Response, responses=_DOWNLOAD)
async def download_mail_attachment(
    mail_id: UUID,
    place: Annotated[int, Path(ge=0, le=100_000, description="Where it lies, as the mail's attachments say.")],
    caller: RawReader,
    service: Service,
) -> Response:
    """An attachment out of the mail as it came, also one that was refused: infected, too many, damaged."""
    async with service.database.transaction(caller.tenant_id) as session:
        mail = await find_mail(session, caller, mail_id)
        key = _key_of(mail)
        part: MailPart | None = await session.scalar(
            sa.select(MailPart).where(col(MailPart.mail_id) == mail_id, col(MailPart.place) == place)
        )
        if part is None:
            raise not_found("attachment")
        await audit(session, caller, "mail.attachment_read", "mail", mail_id, {"place": place, "refused": part.refused})
    try:
        chunks = await service.files.get(key, 0, mail.raw_size)
        raw = b"".join([chunk async for chunk in chunks])
        content = await asyncio.to_thread(part_bytes, raw, place)
    except (FileNotFoundError, Unreadable):
        raise not_found("attachment") from None
    headers = {"Content-Disposition": content_disposition(part.name), **_HEADERS}
    return Response(content, headers=headers, media_type="application/octet-stream")


def _key_of(mail: Mail) -> str:
    if mail.raw_key is None:
        raise not_found("raw mail")
    return mail.raw_key
