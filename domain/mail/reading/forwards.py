"""Mails that pass on another mail: as text, with a line that says so, or whole (message/rfc822)."""

import re
from collections.abc import Sequence
from datetime import datetime

from domain.mail.reading.addresses import mailboxes
from domain.mail.reading.attribution import FORWARD, LONGEST_LINE, header_at, header_fields, introduction_at, normal
from domain.mail.reading.body import body_of
from domain.mail.reading.content import Forwarded
from domain.mail.reading.header import LONGEST_SUBJECT, moment
from domain.mail.reading.limits import Limit
from domain.mail.reading.structure import Piece, structure_of
from domain.mail.reading.texts import texts_of
from domain.mail.reading.transfer import content_of
from domain.mail.reading.words import one_line

_FORWARDS = re.compile(r"\s*(?:fwd?|tr|wg|rv|enc|i|doorst)\s*(?:\[\d+\])?\s*[:\uff1a]", re.IGNORECASE)
_REPLIES = re.compile(
    r"\s*(?:re|r\u00e9|r\u00e9f|aw|sv|antw|rif|\u0631\u062f)\s*(?:[\[(]\d+[\])])?\s*[:\uff1a]", re.IGNORECASE
)
_MOST_LINES = 5_000
_MOST_BYTES = 4 * 1024 * 1024
_MAIL_TYPES = frozenset({"message/rfc822", "message/global"})


def says_forward(subject: str) -> bool:
    return _FORWARDS.match(subject) is not None


def says_reply(subject: str) -> bool:
    return _REPLIES.match(subject) is not None


def forwarded_whole(
    raw: bytes, pieces: Sequence[Piece], *, surely: bool, latest: datetime, limit: Limit
) -> Forwarded | None:
    """The mail that is attached, where the subject says that one is passed on (`surely`) or nothing else is said and
    there is only one."""
    mails = [piece for piece in pieces if piece.media_type in _MAIL_TYPES]
    if len(mails) != 1 or not (surely or len(pieces) == 1):
        return None
    content = content_of(raw, mails[0], most=_MOST_BYTES).data
    top = structure_of(content).top
    if not top.header.fields:
        return None
    senders = mailboxes(top.header.raw("from") or "")
    return Forwarded(
        sender=senders[0] if senders else None,
        subject=top.header.subject(),
        text=texts_of(body_of(content, top), limit=limit, plain=False).text,
        sent_at=moment(top.header.text("date"), latest=latest),
    )


def forwarded_as_text(text: str, *, surely: bool, latest: datetime) -> Forwarded | None:
    """The mail that a text passes on below a line that says so; with `surely`, where the subject says so already, the
    mail's header in the text is enough."""
    lines = text.split("\n")[:_MOST_LINES]
    for at, line in enumerate(lines):
        if not line.strip() or len(line) > LONGEST_LINE:
            continue
        if FORWARD.fullmatch(normal(line)) or (surely and introduction_at(lines, at)):
            return _below(lines, at, latest)
    return None


def _below(lines: Sequence[str], at: int, latest: datetime) -> Forwarded | None:
    header = next((number for number in range(at, min(at + 6, len(lines))) if header_at(lines, number)), None)
    if header is None:
        return None
    fields = header_fields(lines, header)
    senders = mailboxes(re.sub(r"\[mailto:([^\]\s]+)\]", r"<\1>", fields["from"]))
    body = lines[header + header_at(lines, header) :]
    if all(line.startswith(">") for line in body if line.strip()):
        body = [line.removeprefix(">").removeprefix(" ") for line in body]
    return Forwarded(
        sender=senders[0] if senders else None,
        subject=one_line(fields.get("subject", ""))[:LONGEST_SUBJECT],
        text="\n".join(body).strip("\n").rstrip(),
        sent_at=moment(fields.get("date", ""), latest=latest),
    )
