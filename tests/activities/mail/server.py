"""A mail server that does as the test says: it refuses, keeps one waiting, or hangs up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class MailServer:
    """`says` holds what it answers instead of yes: to `greeting`, a command such as `MAIL`, or a recipient.

    It takes messages while `takes` is set, and hangs up on whoever sends one while `hangs_up` is true. A connection's
    second message is answered with `enough`, when that is set. With a `password` it takes nothing from who has not
    logged in.
    """

    def __init__(self) -> None:
        self.url = ""
        self.says: dict[str, str] = {}
        self.takes = asyncio.Event()
        self.takes.set()
        self.hangs_up = False
        self.enough: str | None = None
        self.utf8 = True
        self.password: bytes | None = None
        self.connections = 0
        self.open: set[SMTP] = set()
        self.asked = asyncio.Event()
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []
        self._have_sent: set[SMTP] = set()

    @property
    def received(self) -> list[str]:
        """The recipients of the messages that were taken, in order."""
        return [str(mail["X-RcptTo"]) for mail in self.mails]

    def close_connections(self) -> None:
        """Hangs up on everybody."""
        for connection in self.open:
            if connection.transport is not None:
                connection.transport.close()

    def connect(self) -> SMTP:
        self.connections += 1
        return _Connection(self)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.says["EHLO"]] if "EHLO" in self.says else responses

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:  # noqa: N802
        session.host_name = hostname
        return self.says.get("HELO", "250 OK")

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.says.get("MAIL") or (self.enough if server in self._have_sent else None):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.says.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.asked.set()
        await self.takes.wait()
        mail = message_from_bytes(envelope.original_content or b"", _class=EmailMessage, policy=default)
        mail["X-RcptTo"] = envelope.rcpt_tos[0]
        self.mails.append(mail)
        self.senders.append(envelope.mail_from or "")
        self._have_sent.add(server)
        if self.hangs_up and server.transport is not None:
            server.transport.close()
        return self.says.get("DATA", "250 OK")


class _Connection(SMTP):
    def __init__(self, server: MailServer) -> None:
        super().__init__(
            server,
            hostname="localhost",
            enable_SMTPUTF8=server.utf8,
            loop=asyncio.get_running_loop(),
            auth_required=server.password is not None,
            auth_require_tls=False,
            authenticator=self._logs_in,
        )
        self._server = server

    def _logs_in(self, *asked: Any) -> AuthResult:
        return AuthResult(success=asked[-1].password == self._server.password, handled=False)

    def connection_made(self, transport: Any) -> None:
        self._server.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.open.discard(self)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        greets = isinstance(status, str) and status.startswith("220 ")
        await super().push(self._server.says.get("greeting", status) if greets else status)


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A server that listens during the block."""
    server = MailServer()
    listening = await asyncio.get_running_loop().create_server(server.connect, "127.0.0.1", 0)
    server.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        server.takes.set()
        listening.close()
        server.close_connections()
