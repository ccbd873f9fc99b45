"""The folders of the embedded mailboxes, as Maildir: a message appears as a whole or not at all, whoever is killed."""

import os
import socket
import time
from itertools import count
from pathlib import Path

MAILBOXES = ("support@acme.example", "support@globex.example")
"""Of the demo tenants."""


def maildirs_of(home: Path) -> Path:
    """The folder that they are in, one for each address."""
    return home / "imap"


class Maildirs:
    """Files what is addressed to one of `MAILBOXES`, also with a `+tag` in the address."""

    def __init__(self, home: Path) -> None:
        self._folder = maildirs_of(home)
        self._delivered = count(1)

    def make(self) -> None:
        """Makes the folders that are missing. Raises OSError."""
        for address in MAILBOXES:
            for part in ("new", "cur", "tmp"):
                (self._folder / address / part).mkdir(mode=0o700, parents=True, exist_ok=True)

    def deliver(self, content: bytes, sender: str, recipients: list[str]) -> int:
        """Files a message into the mailbox of each recipient that has one, with the trace that a mail server leaves
        (RFC 5321, 4.4); returns into how many. Raises OSError."""
        reached = {mailbox: to for to in reversed(recipients) if (mailbox := _mailbox_of(to))}
        for mailbox, recipient in reached.items():
            trace = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
            self._file(self._folder / mailbox, trace.encode("utf-8", "replace") + content)
        return len(reached)

    def _file(self, maildir: Path, content: bytes) -> None:
        name = f"{time.time():.6f}.P{os.getpid()}Q{next(self._delivered)}.{socket.gethostname().replace(':', '')}"
        temporary = maildir / "tmp" / name
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(maildir / "new" / name)


def _mailbox_of(address: str) -> str | None:
    local, _, domain = address.lower().rpartition("@")
    mailbox = f"{local.partition('+')[0]}@{domain}"
    return mailbox if mailbox in MAILBOXES else None
