"""Words of a header that are not ASCII (RFC 2047), also where they are written against the rules."""

import base64
import binascii
import re
from collections.abc import Iterator

from domain.mail.reading.charsets import as_text, decoded

# Spaces and question marks inside are against the rules, and frequent.
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^\r\n]{0,2000}?)\?=")
_ESCAPED = re.compile(rb"=([0-9A-Fa-f]{2})")
_BLANKS = re.compile(r"\s+")


def decoded_words(value: str) -> str:
    """The header's value in one line, its encoded words decoded. `value` may hold bytes as surrogates, which are
    taken for UTF-8 or what they look like. What cannot be decoded stays as it is written."""
    return one_line("".join(_pieces(value)))


def one_line(text: str) -> str:
    return _BLANKS.sub(" ", as_text(text)).strip()


def raw_text(value: str) -> str:
    """Text with bytes in it, as surrogates, decoded."""
    if value.isascii():
        return value
    return decoded(value.encode("utf-8", "surrogateescape"))


def _pieces(value: str) -> Iterator[str]:
    """Neighbours of one charset are decoded together: many clients cut words in the middle of a character."""
    at = 0
    charset, waiting = "", b""
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        mine = word[1].partition("*")[0].lower()
        if waiting and (mine != charset or between.strip()):
            yield decoded(waiting, charset)
            waiting = b""
        if between.strip():
            yield raw_text(between)
        elif between and at == 0:
            yield between
        charset = mine
        waiting += _bytes_of(word[2], word[3])
        at = word.end()
    if waiting:
        yield decoded(waiting, charset)
    yield raw_text(value[at:])


def _bytes_of(encoding: str, written: str) -> bytes:
    content = written.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content.replace(b"_", b" "))
    try:
        return base64.b64decode(content.rstrip(b"=") + b"=" * (-len(content.rstrip(b"=")) % 4))
    except binascii.Error:
        return content
