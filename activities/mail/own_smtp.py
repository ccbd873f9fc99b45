"""Connects to the mail server that a tenant sends by, where it names one of its own."""

import asyncio
import socket

import aiosmtplib

from activities.hosts import HostRefused, HostUnknown, address_of
from activities.mail.imap_connection import CONNECT_SECONDS, Server
from activities.mail.mailbox_errors import MailboxError
from domain.mail.states import Security

COMMAND_SECONDS = 20.0


async def connect_own(server: Server, username: str | None, password: str | None) -> aiosmtplib.SMTP:
    """A connection that is greeted and, where there is a username, logged in; whoever gets it ends it.

    Raises MailboxError: as a mailbox's server does, and `login_refused`.
    """
    try:
        address = await address_of(server.host, server.port, private=server.private)
    except HostUnknown:
        raise MailboxError("host_unknown") from None
    except HostRefused:
        raise MailboxError("host_refused") from None
    try:
        plain = await _connected(address, server.port)
    except TimeoutError:
        raise MailboxError("too_slow") from None
    except OSError:
        raise MailboxError("connect_failed") from None
    client = aiosmtplib.SMTP(
        # Whom the certificate must name, over a connection to the address that was looked at.
        hostname=server.host,
        port=None,
        sock=plain,
        use_tls=server.security is Security.TLS,
        start_tls=False,
        timeout=COMMAND_SECONDS,
    )
    try:
        await client.connect()
        if server.security is Security.STARTTLS:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                raise MailboxError("starttls_missing")
            await client.starttls()
        if username:
            await client.login(username, password or "")
        await client.noop()
    except MailboxError:
        client.close()
        raise
    except aiosmtplib.SMTPAuthenticationError:
        code = "login_refused"
    except aiosmtplib.SMTPNotSupported:
        code = "login_unsupported"
    except aiosmtplib.SMTPTimeoutError:
        code = "too_slow"
    except aiosmtplib.SMTPResponseException:
        code = "server_refused"
    except (aiosmtplib.SMTPException, OSError, ValueError):
        code = "tls_failed" if server.security is not Security.NONE else "connection_lost"
    else:
        return client
    client.close()
    raise MailboxError(code)


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    plain = socket.socket(family, socket.SOCK_STREAM)
    plain.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(plain, (address, port))
    except BaseException:
        plain.close()
        raise
    return plain
