"""Why something at a tenant's mail server has failed, in stable words that hold nothing of what it said."""

from collections.abc import Iterator
from contextlib import contextmanager

from activities.hosts import HostRefused, HostUnknown


class MailboxError(Exception):
    """`code` is one of these:

    host_unknown, host_refused: no address has that name, or one within the house.
    connect_failed, connection_lost, too_slow: nobody answers, in the middle of it, or not in time.
    tls_failed, starttls_missing: the connection cannot be encrypted.
    secret_missing, secret_unreadable: there is nothing to log in with, or no key for it.
    token_refused, token_failed: the provider gives no token for what it was shown, or does not answer.
    login_refused, login_unsupported, server_unavailable: the login is not taken, not known, or not now.
    folder_missing: there is no such folder, or it cannot be read.
    server_refused, not_imap: the server takes a command not, or says what IMAP does not know.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def hosts_in_codes() -> Iterator[None]:
    """Has a host that cannot be gone to raise a MailboxError."""
    try:
        yield
    except HostUnknown:
        raise MailboxError("host_unknown") from None
    except HostRefused:
        raise MailboxError("host_refused") from None
