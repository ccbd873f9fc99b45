"""Outgoing messages as they go over the wire (RFC 5322)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from domain.company import Company


class Automatic(StrEnum):
    """What a message that no person has written says of itself, so that no machine answers it (RFC 3834, 5)."""

    GENERATED = "auto-generated"
    REPLIED = "auto-replied"


class _Headers(HeaderRegistry):
    """Those of the library, each made once: it would make a class anew for each header of each message."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


class _SevenBits(EmailPolicy):
    """Seven bits only, so that any server takes it.

    A subject is encoded as a whole: the policy of the library loses the space between two words that it encodes. Ids
    of messages are never encoded, however long they are: they would not be recognised any more.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _OF_IDS:
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}".encode("ascii")
        if name.lower() != "subject" or str(value).isascii():
            return super().fold_binary(name, value)
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}".encode("ascii")


_OF_IDS = ("in-reply-to", "references")
_HEADERS = _Headers()
_SEVEN_BITS = _SevenBits(cte_type="7bit", linesep="\r\n", header_factory=_HEADERS)
_EIGHT_BITS = SMTPUTF8.clone(header_factory=_HEADERS)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; `parameters` are those of its content type."""

    name: str
    content_type: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thread:
    """The conversation that a message belongs to: the mailbox that it comes from, where answers and reports about it
    go, and the Message-IDs before it, of which the last is what it answers."""

    mailbox: str
    reply_to: str
    return_path: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message to one recipient, its text as `body` and as `html`, in the name of `sender`. A person has written one
    that is not `automatic`."""

    to: str
    subject: str
    body: str
    html: str
    sender: Company
    message_id: str
    at: datetime
    correlation_id: str
    attachments: Sequence[Attachment] = ()
    thread: Thread | None = None
    automatic: Automatic | None = Automatic.GENERATED

    def written(self, address: str) -> bytes:
        """The whole message; it comes from `address` unless its thread has a mailbox."""
        address = self.thread.mailbox if self.thread else address
        message = EmailMessage(policy=_SEVEN_BITS if f"{address}{self.to}".isascii() else _EIGHT_BITS)
        name, _, domain = address.rpartition("@")
        message["From"] = Address(self.sender.name, name, domain)
        if self.thread:
            message["Reply-To"] = self.thread.reply_to
        elif answered_to := _address_of(self.sender):
            message["Reply-To"] = answered_to
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.at)
        message["Message-ID"] = self.message_id
        if self.thread and self.thread.references:
            message["In-Reply-To"] = self.thread.references[-1]
            message["References"] = " ".join(self.thread.references)
        message["X-Correlation-Id"] = self.correlation_id
        if self.automatic:
            message["Auto-Submitted"] = self.automatic.value
        message.set_content(self.body)
        message.add_alternative(self.html, subtype="html")
        for file in self.attachments:
            kind, _, subtype = file.content_type.partition("/")
            message.add_attachment(
                file.content, maintype=kind, subtype=subtype, filename=file.name, params=dict(file.parameters)
            )
        return bytes(message)


def _address_of(sender: Company) -> Address | None:
    """Where answers go; None for what was once set and is no address, and for one that not every server takes."""
    try:
        return Address(addr_spec=sender.email) if sender.email and sender.email.isascii() else None
    except (ValueError, HeaderParseError):
        return None
