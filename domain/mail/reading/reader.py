"""Reads a mail: from its bytes to what people see and decisions need."""

import hashlib
from contextlib import nullcontext
from datetime import UTC, datetime

from domain.mail.reading.addresses import address_in, mailboxes
from domain.mail.reading.body import Body, body_of
from domain.mail.reading.content import Forwarded, ReadMail, Unreadable
from domain.mail.reading.forwards import forwarded_as_text, forwarded_whole, says_forward, says_reply
from domain.mail.reading.header import Header, message_ids, moment
from domain.mail.reading.limits import Limit, tried
from domain.mail.reading.parts import parts_of
from domain.mail.reading.quotes import Trimmed, trimmed
from domain.mail.reading.reports import reports_of
from domain.mail.reading.structure import structure_of
from domain.mail.reading.texts import texts_of


def read(
    raw: bytes, *, arrived_at: datetime, whole: bool = True, plain: bool = False, limit: Limit = nullcontext
) -> ReadMail:
    """What a mail says. `whole` is false where `raw` is only the beginning of a mail that is too large. `plain` leaves
    out what a made-up mail can make endless: its HTML is not shown, and nothing is trimmed. `limit` bounds such steps
    one by one.

    Raises Unreadable: `unreadable` where there is no header, `too_big` where memory does not suffice; and nothing else,
    whatever the bytes are.
    """
    try:
        return _read(raw, arrived_at.astimezone(UTC), whole=whole, plain=plain, limit=limit)
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("too_big") from None
    except Exception:  # noqa: BLE001
        # A mail that nobody has thought of must not keep the next ones from being read.
        raise Unreadable("unreadable") from None


def _read(raw: bytes, arrived_at: datetime, *, whole: bool, plain: bool, limit: Limit) -> ReadMail:
    structure = structure_of(raw)
    header = structure.top.header
    if not header.fields:
        raise Unreadable("unreadable")
    body = body_of(raw, structure.top)
    texts = texts_of(body, limit=limit, plain=plain)
    subject = header.subject()
    cut = dict.fromkeys(structure.cut)
    cut |= {name: None for name, over in (("text", body.cut), ("html", texts.html_cut), ("size", not whole)) if over}
    words, forwarded = Trimmed(texts.text, ""), None
    if _is_reply(header, subject):
        reply = None if plain else tried(lambda: trimmed(texts.text), limit)
        words = reply or words
        cut |= {} if reply else {"quotes": None}
    elif not plain:
        forwarded = _forwarded(raw, body, texts.text, subject, arrived_at, limit)
    reports = reports_of(raw, structure.top, texts.text)
    senders = mailboxes(header.raw("from") or "")
    return ReadMail(
        message_id=next(iter(message_ids(header.raw("message-id") or "")), None),
        in_reply_to=message_ids(header.raw("in-reply-to") or ""),
        references=message_ids(header.raw("references") or ""),
        sender=senders[0] if senders else None,
        return_path=_return_path(header),
        reply_to=mailboxes(header.raw("reply-to") or ""),
        to=mailboxes(", ".join(header.all_raw("to"))),
        cc=mailboxes(", ".join(header.all_raw("cc"))),
        subject=subject,
        sent_at=moment(header.text("date"), latest=arrived_at),
        text=words.text,
        quoted=words.quoted,
        html=texts.html.html if texts.html else None,
        remote_images=bool(texts.html and texts.html.remote_images),
        headers=header.decoded(),
        parts=parts_of(raw, body.others, texts.html.shown if texts.html else (), whole=whole),
        links=texts.links,
        forwarded=forwarded,
        reports=reports.reports,
        report_of=reports.report_of,
        is_form=texts.has_form,
        cut=tuple(cut),
        digest=_digest(header, subject, body, arrived_at),
    )


def _is_reply(header: Header, subject: str) -> bool:
    answers = header.raw("in-reply-to") or header.raw("references")
    return not says_forward(subject) and (bool(answers) or says_reply(subject))


def _return_path(header: Header) -> str | None:
    written = header.raw("return-path")
    return None if written is None else address_in(written)


def _digest(header: Header, subject: str, body: Body, arrived_at: datetime) -> str:
    """What tells a mail from all others, and is the same for each of its copies, whichever way they came: of its
    words as they were sent, because what is made of them may be made better one day."""
    message_id = next(iter(message_ids(header.raw("message-id") or "")), arrived_at.isoformat())
    plain = any(words.plain.strip() for words in body.words)
    words = " ".join(" ".join((one.plain if plain else one.html).split()) for one in body.words)
    named = (message_id, header.text("from"), header.text("date"), subject, words)
    return hashlib.sha256("\x00".join(named).encode()).hexdigest()


def _forwarded(raw: bytes, body: Body, text: str, subject: str, arrived_at: datetime, limit: Limit) -> Forwarded | None:
    surely = says_forward(subject)
    if body.others and (surely or not text.strip()):
        whole = forwarded_whole(raw, body.others, surely=surely, latest=arrived_at, limit=limit)
        if whole:
            return whole
    return tried(lambda: forwarded_as_text(text, surely=surely, latest=arrived_at), limit)
