"""Connects to an IMAP server and logs in (RFC 3501), by imapclient in threads.

Nothing that a server says or is told ends in a log or an error: those hold codes.
"""

import asyncio
import imaplib
import re
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError, ProtocolError

from activities.hosts import address_of
from activities.mail.mailbox_errors import MailboxError, hosts_in_codes
from domain.mail.states import Security

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
AT_ONCE = 64
"""So many servers are talked to at a time; the sessions that wait for news take no thread."""

_NOW_AND_THEN = re.compile(rb"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)
"""Response codes of RFC 5530 by which a login is refused only for now."""

T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """Where a server is, and how it is spoken to. `private` lets it be on this machine or a private network."""

    host: str
    port: int
    security: Security
    private: bool


@dataclass(frozen=True)
class Login:
    """Who logs in: with a `password`, or else with an OAuth2 access `token`."""

    username: str
    password: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        return "Login(...)"


class ImapThreads:
    """The threads in which sessions talk."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="imap")

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def connected(server: Server, threads: ImapThreads) -> IMAPClient:
    """Connects, encrypted as the server's security says: a certificate must be of the name, not of the address.

    Raises MailboxError.
    """
    with hosts_in_codes():
        address = await address_of(server.host, server.port, private=server.private)
    return await threads.run(partial(_connect, server, address))


class _NamedTls:
    """Encrypts a connection to an address for the name that was meant, as what imapclient takes for a context."""

    def __init__(self, name: str) -> None:
        self._name = name

    def wrap_socket(self, plain: socket.socket, **_: Any) -> ssl.SSLSocket:
        return _tls().wrap_socket(plain, server_hostname=self._name)


@cache
def _tls() -> ssl.SSLContext:
    """One for all: each would hold all the authorities of this machine, some megabytes of them."""
    return ssl.create_default_context()


def _connect(server: Server, address: str) -> IMAPClient:
    named: Any = _NamedTls(server.host)
    at_once = server.security is Security.TLS
    try:
        client = IMAPClient(
            address, server.port, ssl=at_once, ssl_context=named, timeout=SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS)
        )
    except ssl.SSLError:
        raise MailboxError("tls_failed") from None
    except TimeoutError:
        raise MailboxError("too_slow") from None
    except OSError:
        raise MailboxError("connect_failed") from None
    except (imaplib.IMAP4.error, IMAPClientError):
        raise MailboxError("not_imap") from None
    # It writes down all that is said, passwords and mails, for a log that we never keep.
    client._imap.debug = 0
    client.normalise_times = False
    if server.security is Security.STARTTLS:
        try:
            in_codes(partial(client.starttls, named))
        except MailboxError as error:
            with suppress(OSError):
                client.shutdown()
            raise MailboxError({"server_refused": "starttls_missing"}.get(error.code, error.code)) from None
    return client


def log_in(client: IMAPClient, login: Login) -> None:
    """Logs in; blocks. Raises MailboxError, and what imapclient raises."""
    if login.token is not None:
        known = client.capabilities()
        if b"AUTH=OAUTHBEARER" in known and b"AUTH=XOAUTH2" not in known:
            client.oauthbearer_login(login.username, login.token)
        else:
            client.oauth2_login(login.username, login.token)
    else:
        if b"LOGINDISABLED" in client.capabilities():
            raise MailboxError("login_unsupported")
        password = login.password or ""
        if f"{login.username}{password}".isascii():
            client.login(login.username, password)
        else:
            # LOGIN takes seven bits only.
            client.plain_login(login.username, password)


def in_codes(work: Callable[[], T]) -> T:
    """What `work` returns. Raises MailboxError instead of whatever goes wrong at the server."""
    try:
        return work()
    except LoginError as error:
        raise MailboxError(_why_no_login(error)) from None
    except CapabilityError:
        raise MailboxError("server_refused") from None
    except ssl.SSLError:
        raise MailboxError("tls_failed") from None
    except TimeoutError:
        raise MailboxError("too_slow") from None
    except (ConnectionError, imaplib.IMAP4.abort, OSError, EOFError):
        raise MailboxError("connection_lost") from None
    except ProtocolError:
        raise MailboxError("not_imap") from None
    except imaplib.IMAP4.error:
        raise MailboxError("server_refused") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError):
        # The library trusts that a server says what it must.
        raise MailboxError("not_imap") from None


def _why_no_login(error: LoginError) -> str:
    cause: BaseException | None = error.__context__
    if isinstance(cause, imaplib.IMAP4.abort):
        return "connection_lost"
    return "server_unavailable" if _NOW_AND_THEN.search(str(error).encode()) else "login_refused"
