"""A mail server that sends nothing on: it keeps what it is given for people and tests to read, and files what is
addressed to one of the embedded mailboxes there.

`runtime.mailbox` reads the messages, and says how they are kept.
"""

import asyncio
import hashlib
import os
import signal
import tempfile
from collections import OrderedDict
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.embedded.maildirs import Maildirs
from runtime.mailbox import RECEIPTS, mailbox_of

KEPT = 10_000


class Mailbox:
    """The folder of caught messages: one file per Message-ID, the newest `kept` of them."""

    def __init__(self, home: Path, *, kept: int = KEPT) -> None:
        self._folder = mailbox_of(home)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._kept = kept
        for half_written in self._folder.glob(".*"):
            half_written.unlink()
        self._known = OrderedDict((_key_of(path), path) for path in sorted(self._folder.glob("*.eml")))

    def receive(self, content: bytes, sender: str, recipients: list[str], at: datetime) -> None:
        """Keeps a message unless one of this Message-ID is kept already; counts it either way. Raises `OSError`."""
        message_id = _message_id(message_from_bytes(content)) or hashlib.sha256(content).hexdigest()
        key = hashlib.sha256(message_id.encode(errors="replace")).hexdigest()[:32]
        if key not in self._known:
            envelope = f"X-MailFrom: {sender}\r\nX-RcptTo: {', '.join(recipients)}\r\n"
            self._known[key] = self._write(f"{at:%Y%m%dT%H%M%S.%fZ}-{key}.eml", envelope.encode() + content)
        with (self._folder / RECEIPTS).open("a") as receipts:
            receipts.write(f"{at.isoformat()} {message_id}\n")
        while len(self._known) > self._kept:
            _, oldest = self._known.popitem(last=False)
            oldest.unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> Path:
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return Path(temporary).rename(self._folder / name)


class _Handler:
    """What aiosmtpd calls for each message."""

    def __init__(self, mailbox: Mailbox, maildirs: Maildirs) -> None:
        self._mailbox, self._maildirs = mailbox, maildirs

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        content = envelope.original_content or b""
        sender, recipients = envelope.mail_from or "", list(envelope.rcpt_tos)
        self._maildirs.deliver(content, sender, recipients)
        self._mailbox.receive(content, sender, recipients, datetime.now(UTC))
        return "250 OK"


async def catch_mail(home: Path, port: int) -> None:
    """Listens on 127.0.0.1 until SIGTERM or SIGINT. Raises `OSError` when the port is taken."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    maildirs = Maildirs(home)
    maildirs.make()
    handler = _Handler(Mailbox(home), maildirs)
    server = await loop.create_server(
        # Given here, because aiosmtpd would ask the network for it.
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        port,
    )
    async with server:
        await stop.wait()


def _message_id(message: Message) -> str:
    return " ".join(str(message.get("Message-ID", "")).split())


def _key_of(path: Path) -> str:
    return path.stem.rpartition("-")[2]
