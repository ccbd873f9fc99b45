"""Delivery status notifications: which mail of ours did not arrive, at whom, and why (RFC 3464).

Servers that do not keep to the RFC are believed only where the mail is a server's: it comes with an empty return path
or from a mailer daemon. What Exim and qmail write is known for decades; others' words are not guessed at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.mail.reading.addresses import address_in, mailboxes
from domain.mail.reading.charsets import decoded
from domain.mail.reading.content import Report
from domain.mail.reading.header import Header, message_ids, split
from domain.mail.reading.structure import Piece
from domain.mail.reading.transfer import content_of
from domain.mail.reading.words import one_line

MOST_REPORTS = 100
_READ_BYTES = 256 * 1024
_LONGEST_DIAGNOSTIC = 1_000

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.-])([45])\d\d(?![\d.])")
_BLANK_LINE = re.compile(r"\n\s*\n")

_QMAIL = re.compile(r"\bqmail-send program\b|\bThis is the qmail\b", re.IGNORECASE)
_QMAIL_RECIPIENT = re.compile(r"<([^<>\s]+@[^<>\s]+)>:\n")
_COPY_BELOW = re.compile(r"^-{2,10} (?:Below this line is|This is) a copy of [^\n]{1,200}$", re.MULTILINE)


@dataclass(frozen=True)
class Reports:
    """What servers tell of recipients, and the Message-ID of the mail that they tell it of."""

    reports: tuple[Report, ...] = ()
    report_of: str | None = None


def reports_of(raw: bytes, top: Piece, text: str) -> Reports:
    """The reports in a mail, none where it is something else. `text` is what it says to people."""
    if top.media_type != "multipart/report" and not _is_from_server(top.header):
        return Reports()
    pieces = list(top.leaves())
    stated = [report for piece in pieces if piece.media_type in _STATUS_TYPES for report in _stated(raw, piece)]
    reports = stated or ([] if top.media_type == "multipart/report" else _written(top.header, text))
    if not reports:
        return Reports()
    return Reports(tuple(dict.fromkeys(reports))[:MOST_REPORTS], _returned(raw, pieces) or _id_below(text))


def _is_from_server(header: Header) -> bool:
    return_path = header.raw("return-path")
    if return_path is not None and not address_in(return_path):
        return True
    senders = mailboxes(header.raw("from") or "")
    return any(sender.address.partition("@")[0] in _DAEMONS for sender in senders)


def _stated(raw: bytes, piece: Piece) -> Iterator[Report]:
    """What a delivery-status part says: fields of the mail, then, after blank lines, fields of each recipient."""
    told = decoded(content_of(raw, piece, most=_READ_BYTES).data)
    for number, block in enumerate(_BLANK_LINE.split(told.strip("\n"))):
        if number > MOST_REPORTS:
            return
        fields = _fields(block)
        recipient = _recipient(fields)
        action = fields.get("action", "").lower().split(" ")[0].strip(";,")
        if recipient and action in _ACTIONS:
            diagnostic = _after_type(fields.get("diagnostic-code", ""))
            yield Report(recipient, action, _status(fields.get("status", ""), diagnostic), diagnostic)


def _fields(block: str) -> Mapping[str, str]:
    header, _, _ = split(block.encode(), 0, len(block.encode()))
    return {name.lower(): one_line(value) for name, value in reversed(header.fields)}


def _recipient(fields: Mapping[str, str]) -> str:
    """To whom we wrote: the address that the mail was sent on to, by somebody's forwarding, we never knew."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        if address := address_in(_after_type(fields.get(name, ""))):
            return address
    return ""


def _after_type(value: str) -> str:
    """`rfc822; ada@example.com` and `smtp; 550 ...` without the type before the semicolon."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and len(kind) < 40 and "@" not in kind else value).strip()[:_LONGEST_DIAGNOSTIC]


def _status(stated: str, diagnostic: str) -> str:
    """The status code (RFC 3463). What a server could not tell, as `5.0.0`, its diagnosis may: the other server's words
    are the more exact."""
    own = _STATUS.search(stated)
    told = _STATUS.search(diagnostic)
    if own and not own[1].endswith(".0.0"):
        return own[1]
    if told and (own is None or told[1][0] == own[1][0]):
        return told[1]
    if own:
        return own[1]
    reply = _REPLY_CODE.search(diagnostic)
    return f"{reply[1]}.0.0" if reply else ""


def _written(header: Header, text: str) -> list[Report]:
    """What servers tell that do not keep to the RFC."""
    if failed := header.raw("x-failed-recipients"):
        said = {box.address: _about(_above_copy(text), box.address) for box in mailboxes(failed)}
        return [Report(address, "failed", _status("", why) or "5.0.0", why) for address, why in said.items()]
    return list(_of_qmail(text)) if _QMAIL.search(text[:2_000]) else []


def _of_qmail(text: str) -> Iterator[Report]:
    """A paragraph a recipient (QSBMF): the address in angle brackets, a colon, and what was said."""
    for paragraph in _BLANK_LINE.split(_above_copy(text))[: MOST_REPORTS + 1]:
        found = _QMAIL_RECIPIENT.match(paragraph.strip("\n"))
        if found and (address := address_in(found[1])):
            said = one_line(paragraph.strip("\n")[found.end() :])[:_LONGEST_DIAGNOSTIC]
            yield Report(address, "failed", _status("", said) or "5.0.0", said)


def _above_copy(text: str) -> str:
    found = _COPY_BELOW.search(text)
    return text[: found.start()] if found else text


def _about(text: str, address: str) -> str:
    """The lines of a text below the one that names an address, up to the next blank one."""
    at = text.lower().find(address)
    rest = text[at + len(address) :] if at >= 0 else ""
    return one_line(_BLANK_LINE.split(rest.strip("\n"))[0])[:_LONGEST_DIAGNOSTIC]


def _returned(raw: bytes, pieces: list[Piece]) -> str | None:
    """The Message-ID of the mail, or the header, that came back."""
    for piece in pieces:
        if piece.media_type in _RETURNED_TYPES:
            content = content_of(raw, piece, most=_READ_BYTES).data
            header, _, _ = split(content, 0, len(content))
            if found := message_ids(header.raw("message-id") or ""):
                return found[0]
    return None


def _id_below(text: str) -> str | None:
    """The Message-ID in the copy of the mail that stands in the text."""
    found = _COPY_BELOW.search(text)
    if found is None:
        return None
    copy = text[found.end() :].lstrip("\n").encode()
    header, _, _ = split(copy, 0, len(copy))
    return next(iter(message_ids(header.raw("message-id") or "")), None)
