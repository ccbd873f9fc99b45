"""Where the bytes of files lie: a folder of this machine, or an object store such as S3, through obstore."""

import asyncio
import io
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

if TYPE_CHECKING:
    from obstore import ReadableFile
    from obstore.store import ObjectStore

READ_CHUNK_BYTES = 256 * 1024
PART_BYTES = 5 * 1024 * 1024
"""The least that S3 takes as a part of an upload; one upload holds `PARTS_AT_ONCE` of them in memory."""
PARTS_AT_ONCE = 2

_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STAGED = re.compile(r".+#\d+")


class StorageAway(Exception):
    """The storage does not answer or cannot take more; the cause says why."""


def new_key(tenant_id: UUID) -> str:
    """A random key for the bytes of one file, under its tenant's prefix. It tells nothing about the file."""
    return f"{tenant_id}/{token_hex(20)}"


class FileStorage:
    """An object is there as a whole or not at all: it appears under its key once its last byte is written.

    Every method raises `StorageAway`.
    """

    def __init__(self, store: "ObjectStore", folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def at(cls, url: str | None, home: Path) -> "FileStorage":
        """The storage at `url` (`s3://bucket/prefix`, `file:///folder`; credentials by the store's own variables), or
        the folder `files` of `home`. Raises ValueError for a URL of no known kind."""
        split = urlsplit(url or "")
        if url and split.scheme != "file":
            try:
                return cls(from_url(url))
            except BaseError as unknown:
                raise ValueError("CASEWRIGHT_STORAGE_URL names no storage that is known") from unknown
        folder = Path(unquote(split.path)) if url else home.absolute() / "files"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Writes an object from what `chunks` gives; when that raises, nothing is left and the exception passes."""
        async with _answering():
            await obstore.put_async(
                self._store,
                key,
                chunks,
                use_multipart=True,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
            if self._folder is not None:
                await asyncio.to_thread(_make_durable, self._folder / key)

    async def get(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`. Raises FileNotFoundError before the first one."""
        async with _answering():
            found = await obstore.get_async(self._store, key, options={"range": (start, end)})

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in found.stream(min_chunk_size=READ_CHUNK_BYTES):
                yield bytes(chunk)

        return chunks()

    def open(self, key: str) -> BinaryIO:
        """The object for reading at any place; blocks, so it is for a thread."""
        return io.BufferedReader(_Readable(obstore.open_reader(self._store, key)), READ_CHUNK_BYTES)

    async def delete(self, key: str) -> None:
        """Removes an object; one that is not there is as good as removed."""
        async with _answering():
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                return

    async def keys(self, tenant_id: UUID, *, before: datetime) -> AsyncIterator[list[str]]:
        """The keys of a tenant's objects that were written before a moment, some hundred at a time."""
        async with _answering():
            async for objects in obstore.list(self._store, prefix=str(tenant_id), chunk_size=500):
                yield [found["path"] for found in objects if found["last_modified"] < before]

    async def tenants(self) -> list[UUID]:
        """The tenants that have objects, of another installation too where the storage is shared."""
        async with _answering():
            found = await obstore.list_with_delimiter_async(self._store)
        return [UUID(prefix) for prefix in found["common_prefixes"] if _TENANT.fullmatch(prefix)]

    async def remove_unfinished(self, *, before: datetime) -> int:
        """Removes what writes that were cut off before a moment have left behind; returns how many.

        In a folder these are files beside the objects. An object store keeps the parts of such writes itself, out of
        sight, until its own lifecycle rule for incomplete uploads removes them.
        """
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_remove_staged, self._folder, before.timestamp())


class _Readable(io.RawIOBase):
    """An object as Python's own libraries want to read it."""

    def __init__(self, reader: "ReadableFile") -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._reader.read(len(buffer))
        buffer[: len(read)] = bytes(read)
        return len(read)


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        yield
    except BaseError as away:
        raise StorageAway(type(away).__name__) from away


def _make_durable(path: Path) -> None:
    """Flushes a file and its name to the disk, so that no row can name a file that a crash has lost."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_staged(folder: Path, before: float) -> int:
    removed = 0
    for path in folder.glob("*/*#*"):
        if _STAGED.fullmatch(path.name) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
