"""The bytes of a file on their way into the storage, and what is thought of them, whichever way they come."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.files.states import ScanResult
from domain.files.types import HEAD_BYTES, TEXT_TYPES, FileType, TextCheck, sniff
from domain.files.zips import type_of_zip
from domain.refusal import Refusal
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage


@dataclass(frozen=True)
class Judged:
    """What a file is by its bytes, and what the scanner says of it."""

    type: FileType
    scan: ScanResult


class IncomingContent:
    """The bytes of a file on their way in: looked at, counted and hashed as they pass."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._head = b""
        self._text: TextCheck | None = None
        self._hash = hashlib.sha256()
        self.size = 0
        self.type = FileType.TXT

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def begin(self, name: str) -> None:
        """Reads as much as it takes to tell the type. Raises Refusal."""
        while len(self._head) < HEAD_BYTES and (chunk := await anext(self._chunks, None)):
            self._head += chunk
        self.type = sniff(self._head, name)
        if self.type in TEXT_TYPES:
            self._text = TextCheck()

    async def all(self) -> AsyncIterator[bytes]:
        """All of the bytes, once. Raises Refusal for what does not go on as it began."""
        yield self._passed(self._head)
        async for chunk in self._chunks:
            yield self._passed(chunk)
        if self._text:
            self._text.finish()

    def _passed(self, chunk: bytes) -> bytes:
        if self._text:
            self._text.feed(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)
        return chunk


async def store(files: FileStorage, scanner: VirusScanner, key: str, content: IncomingContent) -> Judged:
    """Brings the bytes into the storage and judges the whole of them. `content` has begun. Raises Refusal, with the
    bytes possibly there, and StorageAway."""
    await files.put(key, content.all())
    found = content.type
    if found is FileType.ZIP:
        found = await asyncio.to_thread(_type_of_zip, files, key)
    scan = await scanner.scan(await files.get(key, 0, content.size))
    if scan is ScanResult.INFECTED:
        raise Refusal("file_infected", "The virus scanner found something in the file.")
    return Judged(found, scan)


def _type_of_zip(files: FileStorage, key: str) -> FileType:
    with files.open(key) as archive:
        return type_of_zip(archive)
