"""What goes out of the file routes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.payloads import View
from domain.files.states import ScanResult
from domain.files.types import FileType


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
