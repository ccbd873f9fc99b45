"""HTML that only a program can have made, to keep its readers busy: libraries take for ever to read it."""

import re

DEEPEST = 1_000
_LONGEST_TAG = 8_000
_MOST_ATTRIBUTES = 1_000

_OPENS_OR_CLOSES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_CLOSED_BY_ITSELF = (
    "area base br col embed hr img input link meta param source track wbr p li td th tr tbody thead tfoot dd dt option "
    "optgroup colgroup body html head"
)
_NEVER_DEEP = frozenset(_CLOSED_BY_ITSELF.split())
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG},}}")
_INLINE_DATA = re.compile(r"data:[^\"'\s]*")
_BEGINS_ATTRIBUTE = re.compile(r"[\s/\"'=]+")


class Excess(Exception):
    """It is nested too deeply, or a tag has too many attributes."""


def refuse_excess(html: str) -> None:
    """Raises Excess."""
    for tag in _LONG_TAG.finditer(html):
        if len(_BEGINS_ATTRIBUTE.findall(_INLINE_DATA.sub("", tag[0]))) > _MOST_ATTRIBUTES:
            raise Excess
    depth = 0
    for found in _OPENS_OR_CLOSES.finditer(html):
        if found[2].lower() in _NEVER_DEEP:
            continue
        depth = max(depth - 1, 0) if found[1] else depth + 1
        if depth > DEEPEST:
            raise Excess
