"""Documents of an identity check as pictures, for who has to look at them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.http.problems import Problem, not_found
from api.http.routing import Router
from api.kyc.routes import Reader, Service, opened
from stores.files.pictures import NoPicture, picture_of

router = Router(prefix="/customers/{customer_id}/kyc", tags=["identity checks"])


@router.get(
    "/documents/{document_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def draw_kyc_document(
    customer_id: UUID,
    document_id: UUID,
    caller: Reader,
    service: Service,
    file_id: Annotated[UUID | None, Query(description="Which of its files; the first when it is left out")] = None,
) -> Response:
    """A document's file as one JPEG, ten pages of a PDF at most. Each access is in the audit, as a download is. 422
    `no_picture` for a file that cannot be drawn."""
    file = await opened(service, caller, customer_id, document_id, file_id, "kyc_document.seen")
    try:
        chunks = await service.files.get(file.key, 0, file.size or 0)
        content = b"".join([chunk async for chunk in chunks])
    except FileNotFoundError:
        raise not_found("file") from None
    try:
        picture = await picture_of(content)
    except NoPicture:
        detail = "This file cannot be shown as a picture: download it to look at it."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_picture", detail) from None
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store"}
    return Response(picture, media_type="image/jpeg", headers=headers)
