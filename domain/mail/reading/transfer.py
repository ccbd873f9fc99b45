"""What a part holds, its transfer encoding taken off (RFC 2045, 6), also where that is broken."""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass

from domain.mail.reading.structure import Piece

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = b" \t\r\n"


@dataclass(frozen=True)
class Content:
    """`damaged` says that the encoding was broken: what could be made of it may not be what was sent."""

    data: bytes
    damaged: bool = False


def content_of(raw: bytes, piece: Piece, *, most: int | None = None) -> Content:
    """The bytes of a part, of which no more than about `most` are decoded. Never fails."""
    encoding = piece.header.value("content-transfer-encoding").main
    end = piece.end
    # No encoding makes one byte of more than four, but for quoted-printable's soft line ends.
    if most is not None:
        end = min(end, piece.start + 4 * most)
    body = raw[piece.start : end]
    content = _decoded(body, encoding, cut=end < piece.end)
    if most is not None and len(content.data) > most:
        return Content(content.data[:most], content.damaged)
    return content


def _decoded(body: bytes, encoding: str, *, cut: bool) -> Content:
    match encoding:
        case "base64":
            return _base64(body, cut=cut)
        case "quoted-printable":
            return Content(quopri.decodestring(body))
        case "x-uuencode" | "uuencode" | "x-uue":
            return _uuencoded(body)
        case _:
            return Content(body)


def _base64(body: bytes, *, cut: bool) -> Content:
    """What follows the padding is no part of it: lists and virus scanners write their words below."""
    padding = body.find(b"=")
    letters = body[: padding if padding >= 0 else None].translate(None, _BLANKS)
    odd = bool(letters.translate(None, _LETTERS))
    if odd:
        letters = _NOT_BASE64.sub(b"", letters)
    over = len(letters) % 4
    damaged = odd or (over == 1 and not cut) or (over == 0 and padding >= 0)
    if over == 1:
        letters = letters[:-1]
    return Content(base64.b64decode(letters + b"=" * (-len(letters) % 4)), damaged)


def _uuencoded(body: bytes) -> Content:
    begin = re.search(rb"(?:\A|\n)begin [0-7]{3,4} [^\r\n]*\r?\n", body)
    if begin is None:
        return Content(body, damaged=True)
    lines: list[bytes] = []
    for line in body[begin.end() :].splitlines():
        if line.rstrip() in (b"end", b"`"):
            return Content(b"".join(lines))
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            return Content(b"".join(lines), damaged=True)
    return Content(b"".join(lines), damaged=True)
