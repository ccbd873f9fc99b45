"""Outgoing mail over SMTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from activities.mail.connections import AWAY, MailConnections, dropped_on_failure
from domain.company import Company

COMMAND_SECONDS = 20.0
# RFC 5321 4.5.3.2.6: a client that gives up earlier may deliver the message twice.
DATA_SECONDS = 600.0
GREETING_SECONDS = 5.0
_STARTTLS_PORT = 587


class _SevenBits(EmailPolicy):
    """Seven bits only, so that any server takes it.

    A subject is encoded as a whole: the policy of the library loses the space between two words that it encodes.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() != "subject" or str(value).isascii():
            return super().fold_binary(name, value)
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}".encode("ascii")


_SEVEN_BITS = _SevenBits(cte_type="7bit", linesep="\r\n")


class MailError(Exception):
    """The mail server cannot take the message now; worth another try."""


class MailServerAway(MailError):
    """The mail server takes no message at all now."""


class PermanentMailError(Exception):
    """The mail server will never take the message; `code` says why in a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; `parameters` are those of its content type."""

    name: str
    content_type: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


class Mailer:
    """Sends messages to the server of `url`: smtp://user:password@host:port, or smtps:// for TLS.

    The server has `command_seconds` to answer each command, and `data_seconds` to take a message that it has been sent.
    """

    def __init__(
        self, url: str, sender: str, *, command_seconds: float = COMMAND_SECONDS, data_seconds: float = DATA_SECONDS
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._name, self._address = parseaddr(sender)
        self._data_seconds = data_seconds
        self._connections = MailConnections(partial(self._client, command_seconds))

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

    async def send(
        self,
        *,
        to: str,
        subject: str,
        body: str,
        html: str,
        sender: Company,
        message_id: str,
        at: datetime,
        correlation_id: str,
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """Hands one message to the server, its text as `body` and as `html`, in the name of `sender`.

        Raises MailError for a passing failure, PermanentMailError otherwise.
        """
        message = EmailMessage(policy=SMTPUTF8 if not f"{self._address}{to}".isascii() else _SEVEN_BITS)
        message["From"] = Address(sender.name, self._address.rpartition("@")[0], self.domain)
        if answered_to := _address_of(sender):
            message["Reply-To"] = answered_to
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id
        message["X-Correlation-Id"] = correlation_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps out-of-office replies away
        message.set_content(body)
        message.add_alternative(html, subtype="html")
        for file in attachments:
            kind, _, subtype = file.content_type.partition("/")
            message.add_attachment(
                file.content, maintype=kind, subtype=subtype, filename=file.name, params=dict(file.parameters)
            )
        content = bytes(message)
        try:
            server = await self._ready_for(to, len(content))
            async with dropped_on_failure(server):
                await server.data(content, timeout=self._data_seconds)
        except aiosmtplib.SMTPResponseException as refusal:
            raise _refused(refusal) from None
        except AWAY as error:
            raise MailError(_could_not_be_used(error)) from None
        self._connections.keep(server)

    async def _ready_for(self, to: str, size: int) -> aiosmtplib.SMTP:
        """A connection on which the server has accepted sender and recipient, and waits for the message."""
        if server := self._connections.kept():
            try:
                await self._open_envelope(server, to, size)
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
        await self._open_envelope(server, to, size)
        return server

    async def _open_envelope(self, server: aiosmtplib.SMTP, to: str, size: int) -> None:
        utf8 = not f"{self._address}{to}".isascii()
        encoding, options = ("utf-8", ["SMTPUTF8", "BODY=8BITMIME"]) if utf8 else ("ascii", [])
        if server.supports_extension("size"):
            options.append(f"SIZE={size}")
        async with dropped_on_failure(server):
            if utf8 and not server.supports_extension("smtputf8"):
                raise PermanentMailError("address_not_supported")
            await server.mail(self._address, options=options, encoding=encoding)
            await server.rcpt(to, encoding=encoding)

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


def _address_of(sender: Company) -> Address | None:
    """Where answers go; None for what was once set and is no address, and for one that not every server takes."""
    try:
        return Address(addr_spec=sender.email) if sender.email and sender.email.isascii() else None
    except (ValueError, HeaderParseError):
        return None


def _refused(refusal: aiosmtplib.SMTPResponseException) -> MailError | PermanentMailError:
    whom = isinstance(refusal, aiosmtplib.SMTPRecipientRefused)
    if refusal.code >= 500:
        return PermanentMailError("recipient_refused" if whom else "message_refused")
    return MailError(f"The mail server refused the {'recipient' if whom else 'message'} for now ({refusal.code}).")


def _could_not_be_used(error: Exception) -> str:
    # Only the kind of failure: the text may hold the address.
    return f"The mail server could not be used: {type(error).__name__}."
