"""The parts of a mail (RFC 2045, RFC 2046): where each begins and ends among its bytes.

The standard library's parser copies a mail several times, line by line, and goes as deep as the mail does. Here nothing
is copied before it is wanted, so that 50 MB cost little more than themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.mail.reading.header import Header, split
from domain.mail.reading.parameters import Value

MOST_LEVELS = 50
MOST_PARTS = 500
_LONGEST_BOUNDARY = 200
"""RFC 2046 allows 70 characters."""

_BLANK_LINES = re.compile(rb"[\r\n]*")
_REST_OF_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z|\r)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(frozen=True)
class Piece:
    """A part: its header, its type, the body between two places among the bytes, and the parts in it.

    `place` counts the parts that have none in them, from 0, as they follow each other; a mail in a mail
    (message/rfc822) is one of these. `whole` is false where the bytes end before it does.
    """

    header: Header
    content_type: Value
    start: int
    end: int
    place: int | None
    children: tuple["Piece", ...] = ()
    whole: bool = True

    @property
    def media_type(self) -> str:
        return self.content_type.main

    @property
    def disposition(self) -> Value:
        return self.header.value("content-disposition")

    def leaves(self) -> Iterator["Piece"]:
        """The parts that have none in them, in their order."""
        if self.place is not None:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Structure:
    """A mail's top, and the names of the limits that it went over."""

    top: Piece
    cut: tuple[str, ...]


def structure_of(raw: bytes) -> Structure:
    """The parts of a mail. Never fails."""
    walk = _Walk(raw)
    blank = _BLANK_LINES.match(raw)
    top = walk.piece(blank.end() if blank else 0, len(raw), "text/plain", 0, whole=True)
    return Structure(top, tuple(walk.cut))


class _Walk:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._leaves = 0
        self.cut: dict[str, None] = {}

    def piece(self, start: int, end: int, usual_type: str, level: int, *, whole: bool) -> Piece:
        header, body, cut = split(self._raw, start, end)
        if cut:
            self.cut["headers"] = None
        content_type = header.value("content-type")
        if not _TYPE.fullmatch(content_type.main):
            # RFC 2045, 5.2: what says no type, or none that can be read, is plain text.
            content_type = Value(usual_type, content_type.parameters)
        boundary = content_type.get("boundary")
        if content_type.main.startswith("multipart/") and 0 < len(boundary) <= _LONGEST_BOUNDARY:
            if level == MOST_LEVELS:
                self.cut["levels"] = None
            elif children := self._children(body, end, boundary, content_type.main, level + 1):
                return Piece(header, content_type, body, end, None, children, whole)
        return Piece(header, content_type, body, end, self._next_place(), (), whole)

    def _next_place(self) -> int:
        self._leaves += 1
        return self._leaves - 1

    def _children(self, start: int, end: int, boundary: str, kind: str, level: int) -> tuple[Piece, ...]:
        usual = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        children = []
        for begin, close, whole in self._between(start, end, boundary):
            if self._leaves >= MOST_PARTS:
                self.cut["parts"] = None
                break
            children.append(self.piece(begin, close, usual, level, whole=whole))
        return tuple(children)

    def _between(self, start: int, end: int, boundary: str) -> Iterator[tuple[int, int, bool]]:
        """Where the parts begin and end that a boundary parts. The line end before a boundary belongs to it; a last
        part without a boundary behind it goes to the end."""
        delimiter = b"--" + boundary.encode("utf-8", "replace")
        begin: int | None = None
        at = start
        while (found := self._raw.find(delimiter, at, end)) >= 0:
            at = found + len(delimiter)
            rest = _REST_OF_DELIMITER.match(self._raw, at, end)
            if rest is None or not (found == 0 or self._raw.startswith(b"\n", found - 1)):
                continue
            if begin is not None:
                yield begin, max(self._before_line_end(found), begin), True
            if rest[1]:
                return
            begin = at = rest.end()
        if begin is not None and begin < end:
            yield begin, end, False

    def _before_line_end(self, at: int) -> int:
        return at - (2 if self._raw.startswith(b"\r\n", at - 2) else 1)
