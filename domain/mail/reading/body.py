"""Which parts of a mail are its text, and what that text is before anything is trimmed."""

import html as markup
from dataclasses import dataclass, field

from domain.mail.reading.charsets import decoded
from domain.mail.reading.flowed import unflowed
from domain.mail.reading.structure import Piece
from domain.mail.reading.transfer import content_of

MOST_BYTES = 1024 * 1024

_TEXT_TYPES = frozenset({"text/plain", "text/html", "text/enriched"})


@dataclass(frozen=True)
class Words:
    """The same words as text and as HTML, as far as a mail has them both."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True)
class Body:
    """The words in their order, the parts that hold them left out of `others`."""

    words: tuple[Words, ...]
    others: tuple[Piece, ...]
    cut: bool


@dataclass
class _Found:
    others: list[Piece] = field(default_factory=list)
    left: int = MOST_BYTES
    cut: bool = False


def body_of(raw: bytes, top: Piece) -> Body:
    found = _Found()
    words = _words(raw, top, found)
    return Body(tuple(one for one in words if one.plain.strip() or one.html.strip()), tuple(found.others), found.cut)


def plain_as_html(plain: str) -> str:
    lines = "<br>".join(markup.escape(line) for line in plain.strip().split("\n"))
    return f"<div>{lines}</div>"


def _words(raw: bytes, piece: Piece, found: _Found, *, within: str = "") -> list[Words]:
    if piece.children:
        of_children = [_words(raw, child, found, within=piece.media_type) for child in piece.children]
        words = [one for each in of_children for one in each]
        return [_alternatives(words)] if piece.media_type == "multipart/alternative" else words
    if not _is_text(piece, within):
        found.others.append(piece)
        return []
    text = _text(raw, piece, found)
    return [Words(html=text)] if piece.media_type == "text/html" else [Words(plain=text)]


def _alternatives(words: list[Words]) -> Words:
    """One of several ways to say the same: the last is the richest (RFC 2046, 5.1.4), but one that is blank says
    nothing."""
    plain = [one.plain for one in words if one.plain.strip()]
    html = [one.html for one in words if one.html.strip()]
    return Words("\n\n".join(plain), "\n".join(html))


def _is_text(piece: Piece, within: str) -> bool:
    """Whether a part is to be read with the mail. What has a file's name is a file, but for one of several ways to say
    the same; a multipart without parts in it is whatever somebody has written by hand."""
    if piece.media_type.startswith("multipart/"):
        return not within
    if piece.media_type not in _TEXT_TYPES or piece.disposition.main == "attachment":
        return False
    named = piece.disposition.get("filename") or piece.content_type.get("name")
    return not named or within in ("", "multipart/alternative")


def _text(raw: bytes, piece: Piece, found: _Found) -> str:
    content = content_of(raw, piece, most=found.left + 1).data
    if len(content) > found.left:
        found.cut = True
        content = content[: found.left]
    found.left -= len(content)
    text = decoded(content, piece.content_type.get("charset"))
    if piece.content_type.get("format").lower() == "flowed" and piece.media_type == "text/plain":
        return unflowed(text, delete_space=piece.content_type.get("delsp").lower() == "yes")
    return text
