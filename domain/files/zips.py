"""What is in a zip: an office document, harmless files, or something that must not be passed on.

A zip is judged by its directory and by the first bytes of what it holds; nothing of it is unpacked beyond these.
"""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

from domain.files.names import RUNNABLE_EXTENSIONS, extension
from domain.files.types import FileType, is_runnable, refused
from domain.refusal import Refusal

MAX_ENTRIES = 2_000
MAX_DIRECTORY_BYTES = 1_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 100
RATIO_COUNTS_ABOVE_BYTES = 20_000_000
"""Below this size `MAX_RATIO` is not applied: small files, such as an empty table, may well pack better."""

_END_RECORD = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_LONGEST_COMMENT = 65_535

_READABLE_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_HEAD_BYTES = 64
_NESTED_SIGNATURES = (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")
_ZIPPED_DOCUMENTS = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp"})

_CONTENT_TYPES = "[Content_Types].xml"
_MAX_CONTENT_TYPES_BYTES = 1_000_000
_OFFICE = {
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": FileType.DOCX,
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": FileType.XLSX,
    b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": FileType.PPTX,
}


def type_of_zip(file: IO[bytes]) -> FileType:
    """DOCX, XLSX, PPTX or ZIP. `file` can be sought and read.

    Raises Refusal: `file_type_refused` when it holds programs, scripts or macros, `archive_refused` when it is broken,
    encrypted, a bomb by the sizes that it declares, or holds further archives.
    """
    try:
        size = _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if entry.file_size or not entry.filename.endswith("/")]
            _check_sizes(entries, size)
            for entry in entries:
                _check_name(entry)
                _check_head(archive, entry)
            return _office_type(archive, entries)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OverflowError,
        OSError,
    ):
        raise _refused("The zip file is broken.") from None


def _check_directory(file: IO[bytes]) -> int:
    """Looks at the end record before the directory is read into memory; returns the size of the file in bytes."""
    size = file.seek(0, 2)
    start = max(0, size - _LONGEST_COMMENT - _END_RECORD.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END_SIGNATURE)
    record = tail[at : at + _END_RECORD.size]
    if at < 0 or len(record) < _END_RECORD.size:
        raise _refused("The zip file is broken.")
    if tail[max(0, at - _ZIP64_LOCATOR_BYTES) :].startswith(_ZIP64_LOCATOR):
        raise _refused("The zip file is in the format for archives above 4 GB.")
    _, _, _, _, entries, directory_bytes, _, _ = _END_RECORD.unpack(record)
    if entries > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
        raise _refused(f"The zip file holds more than {MAX_ENTRIES} files.")
    return size


def _check_sizes(entries: Sequence[zipfile.ZipInfo], packed: int) -> None:
    if not entries:
        raise _refused("The zip file holds nothing.")
    if len(entries) > MAX_ENTRIES:
        raise _refused(f"The zip file holds more than {MAX_ENTRIES} files.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(RATIO_COUNTS_ABOVE_BYTES, packed * MAX_RATIO):
        raise _refused("The zip file would unpack to far more than it is.")


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if not name or name.startswith("/") or ".." in name.split("/"):
        raise _refused("The zip file holds names that lead out of it.")
    if extension(name.rpartition("/")[2].rstrip(". ")) in RUNNABLE_EXTENSIONS:
        raise refused("The zip file holds programs or scripts.")
    if name.endswith("vbaProject.bin"):
        raise refused("The document holds macros.")


def _check_head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise _refused("The zip file is encrypted, so that nobody can look what is in it.")
    if entry.compress_type not in _READABLE_METHODS:
        raise _refused("The zip file is packed in an unusual way.")
    with archive.open(entry) as content:
        head = content.read(_HEAD_BYTES)
    if is_runnable(head) and not head.startswith(b"\xd0\xcf\x11\xe0"):
        # Old office formats are embedded in new ones.
        raise refused("The zip file holds programs or scripts.")
    if head.startswith(_NESTED_SIGNATURES) and extension(entry.filename) not in _ZIPPED_DOCUMENTS:
        raise _refused("The zip file holds further archives.")


def _office_type(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> FileType:
    listing = next((entry for entry in entries if entry.filename == _CONTENT_TYPES), None)
    if listing is None:
        return FileType.ZIP
    if listing.file_size > _MAX_CONTENT_TYPES_BYTES:
        raise _refused("The office document is broken.")
    content_types = archive.read(listing)
    if b"macroEnabled" in content_types:
        raise refused("The document holds macros.")
    for content_type, found in _OFFICE.items():
        if content_type in content_types:
            return found
    raise refused("Office documents of this kind are not accepted: send docx, xlsx or pptx.")


def _refused(sentence: str) -> Refusal:
    return Refusal("archive_refused", sentence)
