"""The embedded mailboxes: an IMAP server (pymap) on folders into which the mail catcher files what is addressed to
them."""

import sysconfig
from pathlib import Path

from pysasl.hashing import BuiltinHash

from ops.atomic_file import write_atomically
from ops.embedded.maildirs import MAILBOXES, Maildirs, maildirs_of
from ops.process import Command

_ROUNDS = 1000
"""Enough for a password that was drawn, which nobody guesses: by default each login takes a tenth of a second."""


class ImapServer:
    """The server of a `home`; every mailbox of `MAILBOXES` logs in by its address and with the same password, which was
    drawn."""

    def __init__(self, home: Path, port: int, password: str) -> None:
        self._folder, self._port, self._password = maildirs_of(home), port, password
        self._home = home

    def prepare(self) -> None:
        """Makes the folders, and the files that say who may log in. Raises OSError."""
        Maildirs(self._home).make()
        hashed = BuiltinHash(rounds=_ROUNDS).hash(self._password)
        users = "".join(f"{address}:::::{address}:\r\n" for address in MAILBOXES)
        write_atomically(self._folder / "pymap-etc-passwd", users, mode=0o600)
        passwords = "".join(f"{address}:{hashed}:::::::\r\n" for address in MAILBOXES)
        write_atomically(self._folder / "pymap-etc-shadow", passwords, mode=0o600)
        # Who held it is dead.
        for lock in self._folder.glob("*/dovecot-uidlist.lock"):
            lock.unlink(missing_ok=True)

    def command(self) -> Command:
        """How to run it."""
        return Command(
            argv=[*_served_at(self._port), "maildir", str(self._folder)],
            # What it writes anew it first writes beside, and renames: both must be on one disk.
            environment={"PATH": "/usr/bin:/bin", "HOME": str(self._folder), "TMPDIR": str(self._folder)},
        )


def imap_in_memory(port: int, user: str, password: str) -> Command:
    """How to run a server with one mailbox, which forgets its mails when it ends."""
    argv = [*_served_at(port), "dict", "--demo-user", user, "--demo-password", password]
    return Command(argv=argv, environment={"PATH": "/usr/bin:/bin"})


def _served_at(port: int) -> list[str]:
    program = str(Path(sysconfig.get_path("scripts")) / "pymap")
    return [program, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin"]
