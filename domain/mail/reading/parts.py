"""The parts of a mail that are no text to read: attachments, and pictures that its HTML shows in place."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace

from domain.mail.reading.content import Part, Unreadable
from domain.mail.reading.structure import Piece, structure_of
from domain.mail.reading.transfer import content_of
from domain.one_line import is_one_line

MOST_ATTACHMENTS = 20
_LONGEST_NAME = 255
_LONGEST_TYPE = 100
_LONGEST_ID = 990

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_PATH = re.compile(r"^.*[/\\]", re.DOTALL)
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/rfc822-headers": "txt",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message/delivery-status": "txt",
    "message/global-delivery-status": "txt",
    "message/disposition-notification": "txt",
    "application/pdf": "pdf",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pgp-encrypted": "txt",
    "application/pgp-signature": "asc",
    "application/zip": "zip",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/octet-stream": "bin",
}


def part_bytes(raw: bytes, place: int) -> bytes:
    """What the part at a place holds, decoded. Raises Unreadable `unreadable` where there is no such part."""
    for piece in structure_of(raw).top.leaves():
        if piece.place == place:
            return content_of(raw, piece).data
    raise Unreadable("unreadable")


def parts_of(raw: bytes, pieces: Iterable[Piece], shown: Collection[str], *, whole: bool = True) -> tuple[Part, ...]:
    """The parts as they are listed; `shown` are the Content-IDs that the HTML shows in place. Where the mail is not
    `whole`, a part that has no end was cut off; else somebody has only forgotten the last boundary.

    Of the attachments those past the twentieth are refused as `too_many`; pictures in place count too.
    """
    listed: list[Part] = []
    kept = 0
    for piece in pieces:
        part = _part(raw, piece, shown, whole=whole or piece.whole)
        if part.refused is None:
            kept += 1
            part = replace(part, refused="too_many") if kept > MOST_ATTACHMENTS else part
        listed.append(part)
    return tuple(listed)


def _part(raw: bytes, piece: Piece, shown: Collection[str], *, whole: bool) -> Part:
    content = content_of(raw, piece)
    content_id = content_id_of(piece)
    name = name_of(piece)
    return Part(
        place=piece.place or 0,
        name=name,
        content_type=piece.media_type[:_LONGEST_TYPE],
        size=len(content.data),
        content_id=content_id,
        inline=content_id in shown and piece.media_type.startswith("image/"),
        refused=_refused(piece, name, damaged=content.damaged or not whole),
    )


def _refused(piece: Piece, name: str, *, damaged: bool) -> str | None:
    if piece.media_type in _TNEF_TYPES or name.lower() == "winmail.dat":
        return "winmail_dat"
    return "damaged" if damaged else None


def content_id_of(piece: Piece) -> str | None:
    written = piece.header.text("content-id").strip("<> ")
    return written[:_LONGEST_ID] or None


def name_of(piece: Piece) -> str:
    """The name of a file, without a path, in one line; one made of its type and place where it has none."""
    given = piece.disposition.get("filename") or piece.content_type.get("name")
    name = _PATH.sub("", unicodedata.normalize("NFC", given))
    name = "".join(one for one in name if is_one_line(one)).strip(" .")
    if not name:
        ending = _ENDINGS.get(piece.media_type, "bin")
        return f"part-{(piece.place or 0) + 1}.{ending}"
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = ending[:20] if dot else ""
        name = f"{(stem or name)[: _LONGEST_NAME - len(ending) - 1]}.{ending}" if ending else name[:_LONGEST_NAME]
    return name
