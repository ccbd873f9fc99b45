"""HTML that only a program can have made, to keep its readers busy: libraries take for ever to read it."""

import re
from collections import Counter

DEEPEST = 1_000
_LONGEST_TAG = 8_000
_MOST_ATTRIBUTES = 1_000
_MOST_COPIES = 300_000
"""What is never closed, as <b>, is opened again in each block that follows (HTML Standard, 13.2.4.3)."""

_OPENS_OR_CLOSES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_CLOSED_BY_ITSELF = (
    "area base br col embed hr img input link meta param source track wbr p li td th tr tbody thead tfoot dd dt option "
    "optgroup colgroup body html head"
)
_NEVER_DEEP = frozenset(_CLOSED_BY_ITSELF.split())
_FORMATS = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG},}}")
_INLINE_DATA = re.compile(r"data:[^\"'\s]*")
_BEGINS_ATTRIBUTE = re.compile(r"[\s/\"'=]+")


class Excess(Exception):
    """It is nested too deeply, a tag has too many attributes, or it makes a thousand times of itself."""


def refuse_excess(html: str) -> None:
    """Raises Excess."""
    for tag in _LONG_TAG.finditer(html):
        if len(_BEGINS_ATTRIBUTE.findall(_INLINE_DATA.sub("", tag[0]))) > _MOST_ATTRIBUTES:
            raise Excess
    depth = copies = 0
    open_formats: Counter[str] = Counter()
    for found in _OPENS_OR_CLOSES.finditer(html):
        closes, name = found[1], found[2].lower()
        if name in _FORMATS:
            open_formats[name] = max(open_formats[name] + (-1 if closes else 1), 0)
        else:
            copies += open_formats.total()
        if name not in _NEVER_DEEP:
            depth = max(depth - 1, 0) if closes else depth + 1
        if depth > DEEPEST or copies > _MOST_COPIES:
            raise Excess
