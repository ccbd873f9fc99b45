"""A mail server with moods. What it takes lies in the stack's mailbox, as if the stack's own had caught it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.embedded.mail_catcher import Mailbox


class Mood(StrEnum):
    """What it does with a message instead of taking it."""

    PUTS_OFF = "puts mail off"
    REFUSES = "refuses mail"
    TAKES_ITS_TIME = "takes mail late"
    FORGETS_TO_ANSWER = "takes mail and hangs up"


class MoodyMailServer:
    """Takes messages at `url`, as its `mood` is."""

    def __init__(self, home: Path) -> None:
        self.url = ""
        self.mood: Mood | None = None
        self.over = asyncio.Event()
        self._mailbox = Mailbox(home)

    @asynccontextmanager
    async def in_mood(self, mood: Mood) -> AsyncIterator[None]:
        """Is like this during the block."""
        self.mood, self.over = mood, asyncio.Event()
        try:
            yield
        finally:
            self.mood = None
            self.over.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.mood
        if mood is Mood.PUTS_OFF:
            return "451 Not now"
        if mood is Mood.REFUSES:
            return "554 Not this one"
        if mood is Mood.TAKES_ITS_TIME:
            await self.over.wait()
        content = envelope.original_content or b""
        self._mailbox.receive(content, envelope.mail_from or "", list(envelope.rcpt_tos), datetime.now(UTC))
        if mood is Mood.FORGETS_TO_ANSWER and server.transport is not None:
            server.transport.close()
        return "250 OK"


@asynccontextmanager
async def moody_mail_server(home: Path) -> AsyncIterator[MoodyMailServer]:
    """A server that listens during the block."""
    server, loop = MoodyMailServer(home), asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(server, hostname="localhost", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    server.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        server.over.set()
        listening.close()
