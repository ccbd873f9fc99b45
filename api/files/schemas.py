"""What goes in and out of the routes that take and give files."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.payloads import View
from domain.files.states import MAX_FILES_PER_MESSAGE, ScanResult
from domain.files.types import FileType

FileIds = Annotated[
    list[UUID],
    Field(max_length=MAX_FILES_PER_MESSAGE, description="What you have uploaded for this, and nothing else so far."),
]


class AttachedFileView(View):
    """A file that came with something; `size` in bytes, `sha256` in hexadecimal."""

    id: UUID
    name: str
    content_type: FileType
    size: int
    sha256: str


class FileView(AttachedFileView):
    """An uploaded file. While `scan` is `pending` it can be attached, and not yet be fetched."""

    scan: Annotated[ScanResult, Field(description="What the virus scanner said; `skipped` where there is none.")]
