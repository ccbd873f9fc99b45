"""Outgoing mail over SMTP."""

from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from activities.mail.connections import AWAY, MailConnections, dropped_on_failure, greeted
from activities.mail.mailbox_errors import MailboxError
from activities.mail.message import Letter

COMMAND_SECONDS = 20.0
# RFC 5321 4.5.3.2.6: a client that gives up earlier may deliver the message twice.
DATA_SECONDS = 600.0
GREETING_SECONDS = 5.0
_STARTTLS_PORT = 587


class MailError(Exception):
    """The mail server cannot take the message now; worth another try."""


class MailServerAway(MailError):
    """The mail server takes no message at all now."""


class PermanentMailError(Exception):
    """The mail server will never take the message; `code` says why in a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailServer:
    """A server that messages are handed to, by its name and over its connections. It has `data_seconds` to take a
    message that it has been sent. What belongs to no mailbox comes from `address`."""

    def __init__(self, host: str, connections: MailConnections, address: str, data_seconds: float) -> None:
        self._host, self._connections = host, connections
        self._address, self._data_seconds = address, data_seconds

    @property
    def host(self) -> str:
        """The name of this server."""
        return self._host

    async def send(self, letter: Letter) -> str:
        """Hands one message to the server, and returns in which words it was taken.

        Raises MailError for a passing failure, PermanentMailError otherwise.
        """
        content = letter.written(self._address)
        try:
            server = await self._ready_for(letter, len(content))
            async with dropped_on_failure(server):
                taken = await server.data(content, timeout=self._data_seconds)
        except aiosmtplib.SMTPResponseException as refusal:
            raise _refused(refusal) from None
        except AWAY as error:
            raise MailError(_could_not_be_used(error)) from None
        self._connections.keep(server)
        return taken.message

    async def _ready_for(self, letter: Letter, size: int) -> aiosmtplib.SMTP:
        """A connection on which the server has accepted sender and recipient, and waits for the message."""
        if server := self._connections.kept():
            try:
                await self._open_envelope(server, letter, size)
            except AWAY:
                # Whatever the answer: the server may only be tired of this connection, and has seen nothing of the
                # message yet.
                pass
            else:
                return server
        try:
            server = await self._connections.open()
        except AWAY as error:
            raise MailServerAway(_could_not_be_used(error)) from None
        except MailboxError as error:
            raise MailServerAway(f"The mailbox's own mail server could not be used: {error.code}.") from None
        await self._open_envelope(server, letter, size)
        return server

    async def _open_envelope(self, server: aiosmtplib.SMTP, letter: Letter, size: int) -> None:
        sender = letter.thread.return_path if letter.thread else self._address
        utf8 = not f"{sender}{letter.to}".isascii()
        encoding, options = ("utf-8", ["SMTPUTF8", "BODY=8BITMIME"]) if utf8 else ("ascii", [])
        if server.supports_extension("size"):
            options.append(f"SIZE={size}")
        async with dropped_on_failure(server):
            if utf8 and not server.supports_extension("smtputf8"):
                raise PermanentMailError("address_not_supported")
            await server.mail(sender, options=options, encoding=encoding)
            await server.rcpt(letter.to, encoding=encoding)


class Mailer(MailServer):
    """Sends messages to the server of `url`: smtp://user:password@host:port, or smtps:// for TLS.

    The server has `command_seconds` to answer each command, and `data_seconds` to take a message that it has been sent.
    """

    def __init__(
        self, url: str, sender: str, *, command_seconds: float = COMMAND_SECONDS, data_seconds: float = DATA_SECONDS
    ) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._name, address = parseaddr(sender)
        connections = MailConnections(lambda: greeted(self._client(command_seconds)))
        super().__init__(parts.hostname or "localhost", connections, address, data_seconds)

    @property
    def address(self) -> str:
        """Which server this is, as host:port."""
        return f"{self._host}:{self._port}"

    @property
    def sender(self) -> str:
        """The address that all mail comes from."""
        return self._address

    @property
    def sender_name(self) -> str:
        """What that address is called, where no company writes."""
        return self._name or self._address

    @property
    def domain(self) -> str:
        """The sender's domain: what the Message-IDs of its messages end with."""
        return self._address.rpartition("@")[2]

    async def greet(self) -> None:
        """Connects and logs in as a message would, without one. Raises MailServerAway."""
        try:
            async with self._client(GREETING_SECONDS) as server:
                await server.noop()
        except AWAY as error:
            raise MailServerAway(_could_not_be_used(error)) from None

    async def connect(self) -> aiosmtplib.SMTP:
        """A connection that is logged in, for whoever ends it. Raises MailServerAway."""
        try:
            server = self._client(GREETING_SECONDS)
            await server.connect()
        except AWAY as error:
            raise MailServerAway(_could_not_be_used(error)) from None
        return server

    def _client(self, timeout_seconds: float) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=True if self._port == _STARTTLS_PORT else None,
            timeout=timeout_seconds,
        )


def _refused(refusal: aiosmtplib.SMTPResponseException) -> MailError | PermanentMailError:
    whom = isinstance(refusal, aiosmtplib.SMTPRecipientRefused)
    if refusal.code >= 500:
        return PermanentMailError("recipient_refused" if whom else "message_refused")
    return MailError(f"The mail server refused the {'recipient' if whom else 'message'} for now ({refusal.code}).")


def _could_not_be_used(error: Exception) -> str:
    # Only the kind of failure: the text may hold the address.
    return f"The mail server could not be used: {type(error).__name__}."
