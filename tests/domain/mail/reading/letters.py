"""Mails written for the tests: how they are put down, and how what was read of one is told in few words."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import dedent
from typing import Any

from domain.mail.reading.content import ReadMail

ARRIVED = datetime(2026, 11, 28, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Letter:
    """A mail of one kind, and what has to be read of it, by the names that `told` knows."""

    kind: str
    raw: bytes
    expected: dict[str, Any]


def letter(kind: str, raw: bytes, **expected: Any) -> Letter:
    return Letter(kind, raw, expected)


def typed(text: str, charset: str = "utf-8") -> bytes:
    """A mail as it is typed here, its lines ended as SMTP has them."""
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode(charset)


def plain(
    body: str | bytes,
    *,
    kind: str = "text/plain; charset=utf-8",
    encoding: str = "8bit",
    subject: str = "Question",
    more: str = "",
) -> bytes:
    """A mail of one part."""
    header = typed(
        f"""
        From: Ada Byron <ada@example.com>
        To: support@acme.example
        Subject: {subject}
        Date: Sat, 28 Nov 2026 10:00:00 +0100
        Message-ID: <one@example.com>
        """
    )
    header += more.replace("\n", "\r\n").encode() + (b"\r\n" if more else b"")
    content_type = (
        f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    )
    return header + content_type + (typed(body) if isinstance(body, str) else body)


def reply(body: str | bytes, **rest: Any) -> bytes:
    """An answer to a mail of ours."""
    return plain(body, **{"subject": "Re: Question", "more": "In-Reply-To: <ours@acme.example>", **rest})


def several(
    *parts: bytes, kind: str = "mixed", boundary: str = "b1", more: str = "", subject: str = "Question"
) -> bytes:
    """A mail of several parts."""
    return plain(
        joined(*parts, boundary=boundary), kind=f'multipart/{kind}; boundary="{boundary}"', more=more, subject=subject
    )


def joined(*parts: bytes, boundary: str = "b1") -> bytes:
    delimiter = f"--{boundary}".encode()
    return b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--\r\n"


def part(content: str | bytes, kind: str = "text/plain; charset=utf-8", *more: str) -> bytes:
    """A part with further lines of its header."""
    header = "".join(f"{line}\r\n" for line in (f"Content-Type: {kind}", *more))
    return f"{header}\r\n".encode() + (typed(content) if isinstance(content, str) else content)


def nested(kind: str, *parts: bytes, boundary: str = "b2") -> bytes:
    return part(joined(*parts, boundary=boundary), f'multipart/{kind}; boundary="{boundary}"')


def file(name: str, content: bytes = b"%PDF-1.7", kind: str = "application/pdf", *more: str) -> bytes:
    """An attachment."""
    return part(
        base64.encodebytes(content).replace(b"\n", b"\r\n"),
        kind,
        f'Content-Disposition: attachment; filename="{name}"',
        "Content-Transfer-Encoding: base64",
        *more,
    )


def told(mail: ReadMail, name: str) -> Any:
    """What was read, in few words: files as `name`, `name (refused as ...)` or `name (shown)`, people as `name
    <address>`, reports as `recipient action status`."""
    match name:
        case "sender":
            return f"{mail.sender.name} <{mail.sender.address}>".strip() if mail.sender else None
        case "to" | "cc" | "reply_to":
            return [f"{one.name} <{one.address}>".strip() for one in getattr(mail, name)]
        case "files":
            return [
                one.name + (f" (refused as {one.refused})" if one.refused else " (shown)" if one.inline else "")
                for one in mail.parts
            ]
        case "reports":
            return [f"{one.recipient} {one.action} {one.status}" for one in mail.reports]
        case "forwarded":
            inner = mail.forwarded
            return inner and (inner.sender.address if inner.sender else None, inner.subject, inner.text)
        case "links":
            return [one.target for one in mail.links]
        case _:
            return getattr(mail, name)
