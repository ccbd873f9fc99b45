"""Asks ClamAV's daemon about a file: the INSTREAM command of clamd(8)."""

import asyncio
import struct
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import structlog

from domain.files.states import ScanResult

ANSWERS_WITHIN_SECONDS = 60.0

_LENGTH = struct.Struct("!L")

log = structlog.get_logger(__name__)


class VirusScanner:
    """`address` is clamd's `host:port` or `unix:/path`; without one every file is `skipped`. Raises ValueError."""

    def __init__(self, address: str | None) -> None:
        self._path: str | None = None
        self._host: str | None = None
        self._port = 0
        if address and address.startswith("unix:"):
            self._path = address.removeprefix("unix:")
        elif address:
            split = urlsplit(f"//{address}")
            if not split.hostname or not split.port:
                raise ValueError("CASEWRIGHT_CLAMD_ADDRESS is not host:port or unix:/path")
            self._host, self._port = split.hostname, split.port

    @property
    def is_set_up(self) -> bool:
        """Whether files are scanned at all."""
        return bool(self._path or self._host)

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        """What the scanner says of these bytes; `pending` when it does not answer, or not with a verdict."""
        if not self.is_set_up:
            return ScanResult.SKIPPED
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_SECONDS):
                answer = await self._ask(chunks)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.warning("virus_scanner_unanswered", cause=type(error).__name__)
            return ScanResult.PENDING
        if answer.endswith(b" FOUND"):
            return ScanResult.INFECTED
        if answer.endswith(b": OK"):
            return ScanResult.CLEAN
        log.warning("virus_scanner_unanswered", cause=answer.decode(errors="replace"))
        return ScanResult.PENDING

    async def _ask(self, chunks: AsyncIterator[bytes]) -> bytes:
        if self._path:
            reader, writer = await asyncio.open_unix_connection(self._path)
        else:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            async for chunk in chunks:
                writer.write(_LENGTH.pack(len(chunk)) + chunk)
                await writer.drain()
            writer.write(_LENGTH.pack(0))
            return (await reader.readuntil(b"\0"))[:-1]
        finally:
            writer.close()
