"""What the routes of mails that came in give out."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from api.http.payloads import View
from domain.mail.states import HeldFor, MailState, Verdict
from models.mail import Mail, MailPart


class ReceivedMailView(View):
    """A mail that came in, as lists show it. What reading it tells is null until it is read, and once it is deleted."""

    id: UUID
    account_id: UUID
    state: MailState
    held_for: HeldFor | None
    why: str | None
    received_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    message_id: str | None
    sender_address: str | None
    sender_name: str | None
    subject: str | None
    verdict: Verdict | None
    automatic: str | None
    score: int | None
    ticket_id: UUID | None
    ticket_message_id: UUID | None
    duplicate_of: UUID | None
    too_large: bool
    raw_size: int


class MailPartView(View):
    """An attachment or a picture of a mail: a file, or refused with a reason."""

    place: int
    name: str
    content_type: str
    size: int
    content_id: str | None
    inline: bool
    refused: str | None
    file_id: UUID | None


class MailHeaderView(View):
    name: str
    value: str


class MailDetailView(ReceivedMailView):
    """A mail with its words, and why it has become of it what has."""

    recipients: dict[str, Any] | None
    headers: list[MailHeaderView]
    text: str | None
    quoted: str | None
    html: str | None
    remote_images: bool
    cut: list[str]
    verdict_because: dict[str, Any] | None
    score_because: list[Any] | None
    rules: list[Any] | None
    tried: list[Any] | None
    attachments: list[MailPartView]
    has_raw: bool
    reprocessed: int

    @classmethod
    def whole(cls, mail: Mail, parts: list[MailPart]) -> Self:
        """From its row, and those of its parts."""
        known = mail.model_dump() | {
            "headers": [{"name": name, "value": value} for name, value in mail.headers or ()],
            "cut": mail.cut or [],
            "attachments": parts,
            "has_raw": mail.raw_key is not None,
        }
        return cls.model_validate(known)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class ThreadEntryView(View):
    """A mail of a conversation: one that came in, or one that we have sent or are about to, of which `status` says how
    far it is."""

    direction: Direction
    id: UUID
    at: datetime
    message_id: str | None
    status: str
    subject: str | None
    sender_address: str | None
    template: str | None
