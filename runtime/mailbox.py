"""What the development mail catcher has caught, for the demo's mailbox page and for tests.

Each message is a file `<moment received>-<hash of its Message-ID>.eml` in `$CASEWRIGHT_HOME/mailbox`, with the
envelope's addresses in front as `X-MailFrom` and `X-RcptTo`. A message received twice is kept once; the file of
receipts has a line for each time.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path

RECEIPTS = "receipts"


@dataclass(frozen=True)
class CaughtMail:
    """One message as it was received; `recipients` are the envelope's, so they include those in Bcc."""

    sender: str
    recipients: list[str]
    subject: str
    text: str
    message_id: str
    received_at: datetime


def mailbox_of(home: Path) -> Path:
    """The folder that the messages are kept in."""
    return home / "mailbox"


def read_mailbox(
    home: Path, *, recipient: str | None = None, subject: str = "", limit: int | None = None
) -> list[CaughtMail]:
    """The caught messages, newest first: at most `limit`, only those to `recipient` when one is given, and only those
    in whose subject these words stand."""
    found: list[CaughtMail] = []
    for path in sorted(mailbox_of(home).glob("*.eml"), reverse=True):
        if limit is not None and len(found) >= limit:
            break
        try:
            mail = _read(path)
        except FileNotFoundError:
            continue  # The catcher keeps the newest only, and this one has just gone.
        to_them = recipient is None or recipient.lower() in (address.lower() for address in mail.recipients)
        if to_them and subject in mail.subject:
            found.append(mail)
    return found


def count_receipts(home: Path) -> Counter[str]:
    """How many times each Message-ID was received."""
    try:
        lines = (mailbox_of(home) / RECEIPTS).read_text().splitlines()
    except FileNotFoundError:
        return Counter()
    return Counter(line.partition(" ")[2] for line in lines)


@lru_cache(maxsize=10_000)
def _read(path: Path) -> CaughtMail:
    # A file never changes, and whoever waits for a mail looks at all of them several times a second.
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
    recipients = str(message.get("X-RcptTo", ""))
    return CaughtMail(
        sender=str(message.get("From") or message.get("X-MailFrom", "")),
        recipients=[address.strip() for address in recipients.split(",") if address.strip()],
        subject=str(message.get("Subject", "")),
        text=_text_of(message),
        message_id=str(message.get("Message-ID", "")).strip(),
        received_at=datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC),
    )


def _text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        # An unknown character set or a body that is not in the one it names.
        return str(body.get_payload())
