"""The header of a mail or of one of its parts: from bytes to fields, also where it is written against the rules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

from domain.mail.reading.parameters import Value, value_of
from domain.mail.reading.words import decoded_words, one_line, raw_text

MOST_BYTES = 256 * 1024
"""What of a header is read (the limits of the usual servers are below it)."""

_OF_SERVERS = frozenset(
    (
        *("authentication-results", "arc-authentication-results", "arc-message-signature", "arc-seal"),
        *("dkim-signature", "received", "received-spf", "return-path", "delivered-to", "x-original-to"),
        *("message-id", "in-reply-to", "references", "x-google-dkim-signature"),
    )
)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_FROM = re.compile(rb"from[ \t]*:", re.IGNORECASE)
_FURTHER_FROM = re.compile(rb"\nfrom[ \t]*:([^\n]{0,1000})", re.IGNORECASE)
_SURELY_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_LONGEST_ID = 990
_MOST_IDS = 1_000
LONGEST_SUBJECT = 998
"""A line has no more characters (RFC 5322, 2.1.1)."""

_END = re.compile(rb"(?:\A|\n)\r?\n")


@dataclass(frozen=True)
class Header:
    """The fields in their order, each as it is written, unfolded, with bytes that are not ASCII as surrogates."""

    fields: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _first(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in reversed(self.fields)}

    def raw(self, name: str) -> str | None:
        """The topmost field of a name in lower case, as it is written."""
        return self._first.get(name)

    def all_raw(self, name: str) -> list[str]:
        return [value for other, value in self.fields if other.lower() == name]

    def text(self, name: str) -> str:
        """The topmost field of a name, decoded, in one line; empty where there is none."""
        return decoded_words(self._first.get(name, ""))

    def subject(self) -> str:
        return self.text("subject")[:LONGEST_SUBJECT]

    def value(self, name: str) -> Value:
        """The topmost field of a name that has parameters, as Content-Type (RFC 2045, RFC 2231)."""
        return value_of(raw_text(self._first.get(name, "")))

    def decoded(self) -> tuple[tuple[str, str], ...]:
        """All fields, each in one line. What servers write has no encoded words (RFC 2047, 5), and decoding what looks
        like one would let a sender's address put words into their mouths."""
        return tuple(
            (name, one_line(raw_text(value)) if name.lower() in _OF_SERVERS else decoded_words(value))
            for name, value in self.fields
        )


def split(raw: bytes, start: int, end: int) -> tuple[Header, int, bool]:
    """The header that begins at `start`, where the body after it begins, and whether the header was cut.

    Who has sent a mail is proven by servers that skip what is no field. So whatever is wrong with a header, all its
    From fields are found, in full and without what stands around them.
    """
    if raw.startswith((b"\n", b"\r\n"), start):
        return Header(), raw.index(b"\n", start) + 1, False
    found = _END.search(raw, max(start - 1, 0), end)
    closed = found.start() + 1 if found else end
    cut = closed - start > MOST_BYTES
    lines = raw[start : min(closed, start + MOST_BYTES)].split(b"\n")
    last_from = max((number for number, line in enumerate(lines) if _FROM.match(line)), default=-1)
    fields: list[list[bytes]] = []
    at = start
    for number, line in enumerate(lines):
        field = _FIELD.match(line)
        goes_on = number < last_from or (number + 1 < len(lines) and _SURELY_FIELD.match(lines[number + 1]))
        if field and not line.startswith((b" ", b"\t")):
            fields.append([field[1], line[field.end() :]])
        elif fields and line.startswith((b" ", b"\t")):
            fields[-1].append(line)
        elif fields and goes_on:
            # It was broken in two without being folded.
            fields[-1] += [line] if fields[-1][0].lower() != b"from" else []
        elif line and not goes_on and (fields or start or not line.startswith((b"From ", b">From "))):
            # No blank line parts the header from the body.
            return _header(fields), at, cut
        at += len(line) + 1
    if cut:
        fields += [[b"From", value] for value in _FURTHER_FROM.findall(raw, start + MOST_BYTES, closed)[:2]]
    return _header(fields), found.end() if found else end, cut


def _header(fields: list[list[bytes]]) -> Header:
    return Header(tuple((name.decode("ascii"), _unfolded(value)) for name, *value in fields))


def _unfolded(lines: list[bytes]) -> str:
    joined = b"".join(line.rstrip(b"\r") + b" " if line.strip() else b"" for line in lines)
    return joined.replace(b"\x00", b"").replace(b"\r", b" ").decode("utf-8", "surrogateescape").strip()


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a header in their order, each once, in angle brackets, also where these were forgotten. Of
    more than a thousand the last, which are the nearest (RFC 5322, 3.6.4)."""
    return tuple(dict.fromkeys(_message_ids(raw_text(value))))[-_MOST_IDS:]


def _message_ids(value: str) -> Iterator[str]:
    bare = (one.strip(",;<>") for one in value.split() if "@" in one)
    for one in _MESSAGE_ID.findall(value) or bare:
        if 0 < len(found := "".join(one.split())) <= _LONGEST_ID:
            yield f"<{found}>"


def moment(value: str, *, latest: datetime) -> datetime | None:
    """The time of a Date header in UTC, `latest` where it is said to be later, None where it cannot be read."""
    try:
        at = parsedate_to_datetime(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(at, latest)
