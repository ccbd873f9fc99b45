"""What reading makes of a mail's bytes."""

from dataclasses import dataclass
from datetime import datetime


class Unreadable(Exception):
    """A mail that nothing can be made of. `code` says why: `unreadable`, `too_slow`, `too_big`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Mailbox:
    """A name and an address, as a header gives them; the address in lower case."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Part:
    """An attachment, or a picture that the text shows in place (`content_id`).

    `place` is where it lies among the mail's parts, so that it can be fetched from the raw bytes again. `refused` is
    the code of why it is not kept as a file: `too_many`, `winmail_dat`, `damaged`.
    """

    place: int
    name: str
    content_type: str
    size: int
    content_id: str | None = None
    inline: bool = False
    refused: str | None = None


@dataclass(frozen=True)
class Report:
    """What a delivery status notification (RFC 3464) says of one recipient: `action` failed, delayed, delivered,
    relayed or expanded, and `status` as `5.1.1`."""

    recipient: str
    action: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True)
class Link:
    """A link of the HTML part: the text that is read, and where it leads."""

    text: str
    target: str


@dataclass(frozen=True)
class Forwarded:
    """The mail inside a mail that forwards it, as text or as message/rfc822."""

    sender: Mailbox | None
    subject: str
    text: str
    sent_at: datetime | None = None


@dataclass(frozen=True)
class ReadMail:
    """A mail as people read it and as decisions need it.

    `text` is what was newly written, `quoted` what was trimmed from it. `html` is safe to show: `remote_images` says
    whether pictures of other hosts were taken out of it. `headers` are those of the top, in order, decoded; their
    values are of one line. `return_path` is empty where the mail came with an empty one, None where it came with none.
    `report_of` is the Message-ID that a delivery report is about. `cut` names the limits that the mail went over:
    `levels`, `parts`, `headers`, `text`, `size`; and what took too long: `html` is not shown then, `quotes` are not
    trimmed. Times in UTC; `sent_at` is never after the mail's arrival.
    """

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Mailbox | None
    return_path: str | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    sent_at: datetime | None
    text: str
    quoted: str
    html: str | None
    remote_images: bool
    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    forwarded: Forwarded | None
    reports: tuple[Report, ...]
    report_of: str | None
    is_form: bool
    cut: tuple[str, ...]
    digest: str
