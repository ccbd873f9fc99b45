"""Keeps the attachments of a mail as files, under the rules by which any file is taken."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from domain.files.names import checked_name
from domain.files.states import ScanResult
from domain.files.types import FileType
from domain.mail.reading.content import Part, ReadMail
from domain.mail.reading.structure import structure_of
from domain.mail.reading.transfer import content_of
from domain.refusal import Refusal
from stores.files.content import IncomingContent, store
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage, new_key

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Kept:
    """An attachment whose bytes lie in the storage under `key`."""

    key: str
    name: str
    type: FileType
    size: int
    sha256: str
    scan: ScanResult


@dataclass(frozen=True)
class Attachments:
    """What became of a mail's parts, by their places: kept, or refused with a code."""

    kept: dict[int, Kept]
    refused: dict[int, str]


NONE = Attachments({}, {})


async def keep(
    files: FileStorage, scanner: VirusScanner, tenant_id: UUID, raw: bytes, parts: tuple[Part, ...]
) -> Attachments:
    """Brings the parts that are not refused already into the storage. Their rows come after the bytes, with the
    message: what a crash leaves without one is removed by the sweep of files. Raises StorageAway."""
    kept: dict[int, Kept] = {}
    refused: dict[int, str] = {}
    wanted = {part.place: part for part in parts if part.refused is None}
    contents = await asyncio.to_thread(_contents, raw, wanted)
    for place, part in wanted.items():
        if place not in contents:
            refused[place] = "damaged"
            continue
        try:
            kept[place] = await _keep(files, scanner, new_key(tenant_id), part, contents.pop(place))
        except Refusal as refusal:
            refused[place] = refusal.code
    return Attachments(kept, refused)


def has_files(mail: ReadMail) -> bool:
    """Whether there is anything to keep."""
    return any(part.refused is None for part in mail.parts)


def _contents(raw: bytes, wanted: dict[int, Part]) -> dict[int, bytes]:
    leaves = structure_of(raw).top.leaves()
    return {piece.place: content_of(raw, piece).data for piece in leaves if piece.place in wanted}


async def _keep(files: FileStorage, scanner: VirusScanner, key: str, part: Part, data: bytes) -> Kept:
    name = checked_name(part.name)
    content = IncomingContent(_chunks(data))
    try:
        await content.begin(name)
        judged = await store(files, scanner, key, content)
    except Refusal:
        await files.delete(key)
        raise
    return Kept(key, name, judged.type, content.size, content.sha256, judged.scan)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _CHUNK_BYTES):
        yield data[at : at + _CHUNK_BYTES]
