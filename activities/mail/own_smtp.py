"""The mail servers that tenants send by, where they name some of their own."""

import asyncio
import socket
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import aiosmtplib

from activities.hosts import address_of
from activities.mail.connections import MailConnections
from activities.mail.imap_connection import CONNECT_SECONDS, Server
from activities.mail.mailbox_errors import MailboxError, hosts_in_codes
from activities.mail.smtp import DATA_SECONDS, MailServer
from domain.mail.states import Security
from stores.mail.secrets import Secrets, SecretUnreadable

COMMAND_SECONDS = 20.0


@dataclass(frozen=True)
class OwnServer:
    """A mailbox's own mail server, and what logs in there, sealed."""

    host: str
    port: int
    security: Security
    username: str | None
    secret: bytes | None


class OwnMailServers:
    """Those of all mailboxes, each with its connections. `private` lets them be on this machine or a private
    network."""

    def __init__(self, secrets: Secrets, *, private: bool) -> None:
        self._secrets, self._private = secrets, private
        self._known: dict[UUID, tuple[OwnServer, MailServer]] = {}

    def of(self, tenant_id: UUID, mailbox_id: UUID, address: str, own: OwnServer) -> MailServer:
        """The one of a mailbox, as it is named now."""
        known = self._known.get(mailbox_id)
        if known is None or known[0] != own:
            connections = MailConnections(partial(self._connect, tenant_id, mailbox_id, own))
            known = own, MailServer(own.host, connections, address, DATA_SECONDS)
            self._known[mailbox_id] = known
        return known[1]

    async def _connect(self, tenant_id: UUID, mailbox_id: UUID, own: OwnServer) -> aiosmtplib.SMTP:
        try:
            password = self._secrets.open(tenant_id, mailbox_id, own.secret) if own.secret else None
        except SecretUnreadable:
            raise MailboxError("secret_unreadable") from None
        return await connect_own(Server(own.host, own.port, own.security, self._private), own.username, password)


async def connect_own(server: Server, username: str | None, password: str | None) -> aiosmtplib.SMTP:
    """A connection that is greeted and, where there is a username, logged in; whoever gets it ends it.

    Raises MailboxError: as a mailbox's server does, and `login_refused`.
    """
    with hosts_in_codes():
        address = await address_of(server.host, server.port, private=server.private)
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
