"""Puts a mail together again that a provider has taken apart, so that it is read, kept and told apart as any other."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTPUTF8
from secrets import token_hex
from typing import Any

from api.mail.inbound.forms import Field

_FIELD_NAME = re.compile(r"[!-9;-~]{1,200}")
_LINE_ENDS = re.compile(r"[\r\n]+[ \t]*")
_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)
_CHARSET = re.compile(r"[\w:.+-]{1,40}", re.ASCII)
# A multiple of what a line of base64 holds (RFC 2045 6.8).
_ENCODED_AT_ONCE = 57 * 4096
_OF_ITS_FORM = ("content-", "mime-version")


@dataclass(frozen=True)
class Words:
    """The text of a mail, plain or HTML, in the charset that it says."""

    field: Field
    subtype: str
    charset: str = "utf-8"


@dataclass(frozen=True)
class Attached:
    """An attachment, or a picture that the HTML shows by its Content-ID."""

    field: Field
    name: str | None = None
    content_type: str | None = None
    content_id: str | None = None


@dataclass(frozen=True)
class TakenApart:
    """A mail as a provider sends it in parts: its header in order, texts from plain to rich, and what is attached."""

    header: Sequence[tuple[str, str]]
    words: Sequence[Words]
    attached: Sequence[Attached]

    def written(self) -> Iterator[bytes]:
        """The mail (RFC 5322, RFC 2045)."""
        mixed, alternative = f"=_{token_hex(16)}", f"=_{token_hex(16)}"
        yield from header_lines((name, value) for name, value in self.header if not _is_of_form(name))
        yield f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{mixed}"\r\n\r\n'.encode()
        yield f'--{mixed}\r\nContent-Type: multipart/alternative; boundary="{alternative}"\r\n\r\n'.encode()
        for words in self.words:
            charset = words.charset if _CHARSET.fullmatch(words.charset) else "utf-8"
            yield f"--{alternative}\r\nContent-Type: text/{words.subtype}; charset={charset}\r\n".encode()
            yield from _encoded(words.field)
        yield f"--{alternative}--\r\n".encode()
        for each in self.attached:
            yield f"--{mixed}\r\n".encode()
            yield from _head_of(each)
            yield from _encoded(each.field)
        yield f"--{mixed}--\r\n".encode()


def header_lines(header: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """The lines of a header, each field in one; names that cannot be are left out."""
    for name, value in header:
        if _FIELD_NAME.fullmatch(name):
            yield f"{name}: {_LINE_ENDS.sub(' ', value).strip()}\r\n".encode("utf-8", "replace")


def header_of(text: str) -> list[tuple[str, str]]:
    """The fields of a header that was sent as text, folded or not."""
    lines = re.sub(r"\r?\n[ \t]+", " ", text).splitlines()
    fields = (line.partition(":") for line in lines)
    return [(name.strip(), value.strip()) for name, colon, value in fields if colon]


def shown_as(fields: dict[str, Any]) -> dict[str, str]:
    """The Content-ID of each field that the HTML shows, from a provider's map of Content-IDs to fields."""
    return {name: content_id for content_id, name in fields.items() if isinstance(name, str)}


def _is_of_form(name: str) -> bool:
    """Whether a field says how the mail was put together before."""
    return name.lower().startswith(_OF_ITS_FORM)


def _head_of(attached: Attached) -> Iterator[bytes]:
    """What an attachment says of itself, its name encoded as RFC 2231 says."""
    said = attached.content_type or ""
    media_type = said.partition(";")[0].strip()
    head = EmailMessage(policy=SMTPUTF8)
    head["Content-Type"] = media_type if _TYPE.fullmatch(media_type) else "application/octet-stream"
    head["Content-Disposition"] = "inline" if attached.content_id else "attachment"
    if attached.name:
        head.set_param("filename", _LINE_ENDS.sub(" ", attached.name), header="Content-Disposition")
    for name, value in head.items():
        yield f"{name}: {_LINE_ENDS.sub(' ', str(value))}\r\n".encode("utf-8", "replace")
    if attached.content_id:
        yield from header_lines([("Content-ID", f"<{attached.content_id.strip('<> ')}>")])


def _encoded(field: Field) -> Iterator[bytes]:
    yield b"Content-Transfer-Encoding: base64\r\n\r\n"
    for chunk in field.chunks(_ENCODED_AT_ONCE):
        yield base64.encodebytes(chunk).replace(b"\n", b"\r\n")
