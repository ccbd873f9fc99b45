"""Outgoing mail over SMTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

SMTP_TIMEOUT_SECONDS = 20
GREETING_TIMEOUT_SECONDS = 5
_STARTTLS_PORT = 587


class MailError(Exception):
    """The mail server cannot take the message now; worth another try."""


class PermanentMailError(Exception):
    """The mail server will never take the message; `code` says why in a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content_type: str
    content: bytes


class Mailer:
    """Sends one message at a time to the server of `url`: smtp://user:password@host:port, or smtps:// for TLS."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender
        self._domain = parseaddr(sender)[1].rpartition("@")[2]

    @property
    def address(self) -> str:
        """Which server this is, as host:port."""
        return f"{self._host}:{self._port}"

    async def greet(self) -> None:
        """Connects and logs in as a message would, without one. Raises MailError."""
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=True if self._port == _STARTTLS_PORT else None,
            timeout=GREETING_TIMEOUT_SECONDS,
        )
        try:
            async with server:
                await server.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailError(f"The mail server could not be used: {type(error).__name__}.") from None

    def message_id(self, delivery_id: UUID) -> str:
        """The Message-ID of a delivery: the same at every attempt, so that a receiver can drop a second copy."""
        return f"<{delivery_id}@{self._domain}>"

    async def send(
        self,
        *,
        to: str,
        subject: str,
        body: str,
        message_id: str,
        at: datetime,
        correlation_id: str,
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """Hands one message to the server. Raises MailError for a passing failure, PermanentMailError otherwise."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id
        message["X-Correlation-Id"] = correlation_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps out-of-office replies away
        message.set_content(body)
        for file in attachments:
            kind, _, subtype = file.content_type.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._tls,
                start_tls=True if self._port == _STARTTLS_PORT else None,
                timeout=SMTP_TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code >= 500 for refused in error.recipients):
                raise PermanentMailError("recipient_refused") from None
            raise MailError("The mail server refused the recipient for now.") from None
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= 500 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
                raise PermanentMailError("message_refused") from None
            raise MailError(f"The mail server answered {error.code}.") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # Only the kind of failure: the text may hold the address.
            raise MailError(f"The mail server could not be used: {type(error).__name__}.") from None
