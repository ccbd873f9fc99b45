"""What happens to cases while somebody looks, told at once as ids and versions.

Whoever reads a page also learns the position up to which it is true; a stream that begins there misses nothing.
"""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError

from domain.cases import CaseKind
from models.database import Database

_CHANNEL = "case_event"
_LISTEN_AGAIN_SECONDS = 1.0
_REMEMBERED = 500
_UNREAD_AT_MOST = 2 * _REMEMBERED
"""What a follower who does not read has to catch up with anyway."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """A case has got a version. `customer_id` is whose case it is, `event` what happened; neither is told on."""

    tenant_id: UUID
    kind: CaseKind
    case_id: UUID
    version: int
    customer_id: UUID | None
    event: str


@dataclass(frozen=True)
class Heard:
    """Something that happened, or, without news, that something may have been missed: look again."""

    position: str
    news: News | None


class Live:
    """Listens for this process, on one connection, from when the first position is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: set[asyncio.Queue[Heard]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._epoch, self._count = secrets.token_hex(4), 0
        self._remembered: deque[Heard] = deque(maxlen=_REMEMBERED)

    @property
    def position(self) -> str:
        """Up to where what is read from now on is true at least."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        return f"{self._epoch}-{self._count}"

    @asynccontextmanager
    async def follow(self, since: str) -> AsyncIterator["asyncio.Queue[Heard]"]:
        """What happens after the position, in all tenants: who passes it on asks who may know it."""
        queue: asyncio.Queue[Heard] = asyncio.Queue(_UNREAD_AT_MOST)
        for heard in self.missed(since):
            queue.put_nowait(heard)
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)

    async def close(self) -> None:
        """Listens no more."""
        if listening := self._listening:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    def missed(self, since: str) -> list[Heard]:
        """What has happened since the position; where that is not known any more, that something may have."""
        here = self.position
        epoch, _, count = since.partition("-")
        missed = self._count - int(count) if epoch == self._epoch and count.isdigit() else -1
        if 0 <= missed <= len(self._remembered):
            return list(self._remembered)[len(self._remembered) - missed :]
        return [Heard(here, None)]

    async def _listen(self) -> None:
        while True:
            try:
                async for announced in self._database.announced(_CHANNEL):
                    self._tell(_news(announced) if announced else None)
            except OperationalError as lost:
                log.warning("not_listening", cause=type(lost.orig).__name__)
            await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    def _tell(self, news: News | None) -> None:
        self._count += 1
        heard = Heard(f"{self._epoch}-{self._count}", news)
        self._remembered.append(heard)
        for queue in self._followers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Heard(heard.position, None))
            else:
                queue.put_nowait(heard)


def _news(announced: str) -> News:
    said = json.loads(announced)
    customer_id = said.get("customer_id")
    return News(
        UUID(said["tenant_id"]),
        CaseKind(said["case_kind"]),
        UUID(said["case_id"]),
        said["version"],
        UUID(customer_id) if customer_id else None,
        said.get("kind", ""),
    )
