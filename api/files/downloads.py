"""Sends a file as an attachment under its own name: whole, a range of it, or 304 when the client has it already."""

import re
from http import HTTPStatus
from unicodedata import normalize
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.http.problems import Problem, conflict, not_found
from domain.files.states import ScanResult
from models.files import StoredFile
from stores.files.storage import FileStorage

BYTES = {"schema": {"type": "string", "format": "binary"}}
"""How the OpenAPI document describes an answer that is a file."""

_RANGE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*")
_NOT_IN_QUOTES = re.compile(r"[^ !#-$&-\[\]-~]")


def require_scanned(file: StoredFile) -> None:
    """Raises 409 `file_scan_pending` while nobody knows what is in the file."""
    if file.scan is ScanResult.PENDING:
        raise conflict("file_scan_pending", "The file has not been scanned for viruses yet. Please try again later.")


async def send(request: Request, storage: FileStorage, file: StoredFile) -> Response:
    """The answer to a GET of a stored file: 200, 206 or 304. Raises Problem 416, 404 when the bytes have just gone;
    StorageAway."""
    size = file.size or 0
    etag = f'"{file.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(file.name),
        "X-Content-Type-Options": "nosniff",
        # Should a browser show it all the same, it runs no scripts and belongs to no origin.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    wanted = None
    if request.headers.get("if-range", etag) == etag:
        wanted = byte_range(request.headers.get("range", ""), size)
    start, end = wanted or (0, size)
    try:
        chunks = await storage.get(file.key, start, end)
    except FileNotFoundError:
        raise not_found("file") from None
    headers["Content-Length"] = str(end - start)
    headers["Content-Type"] = file.content_type or "application/octet-stream"
    if wanted is None:
        return StreamingResponse(chunks, HTTPStatus.OK, headers)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(chunks, HTTPStatus.PARTIAL_CONTENT, headers)


def content_disposition(name: str) -> str:
    """An attachment under this name (RFC 6266), its true form encoded as RFC 8187 (once 5987) says."""
    plain = _NOT_IN_QUOTES.sub("_", normalize("NFKD", name).encode("ascii", "ignore").decode())
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """From and up to, not including, which byte a Range header asks for; None when all of them are to be sent.

    Several ranges, and what is no range, are ignored, as RFC 9110 14.2 allows. Raises Problem 416 when the range lies
    beyond the end.
    """
    match = _RANGE.fullmatch(header)
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise Problem(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "range_not_satisfiable",
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end


def _names(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags
