"""Text in scripts that are written from right to left: letters joined, lines ordered, set from the right.

Which way a text runs is said by its first letter that has a direction, as in HTML's `dir=auto` (Unicode Standard Annex
9, rules P2 and P3).
"""

from copy import copy
from typing import Any
from unicodedata import bidirectional

from arabic_reshaper import ArabicReshaper
from bidi.algorithm import get_display  # The one of `bidi` does not mirror brackets.
from reportlab.platypus import Paragraph

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
# Vowel signs are part of what somebody wrote.
_reshaper = ArabicReshaper({"delete_harakat": False, "delete_tatweel": False})


def has_right_to_left(words: str) -> bool:
    """Whether any of it is written from right to left."""
    return any(bidirectional(letter) in _RIGHT_TO_LEFT for letter in words)


def runs_right_to_left(words: str) -> bool:
    """Whether the text as a whole is."""
    directions = (bidirectional(letter) for letter in words)
    return next((each for each in directions if each == "L" or each in _RIGHT_TO_LEFT), "L") != "L"


def joined(words: str) -> str:
    """The words with the forms that Arabic letters take beside each other."""
    return str(_reshaper.reshape(words))


class _Bidirectional(Paragraph):  # type: ignore[misc]
    """A paragraph whose words are in the order in which they are read, and which draws them in the one in which they
    stand. Its lines are broken before that, as rule L1 wants it."""

    base: str
    blPara: Any  # noqa: N815  as reportlab names what it has broken into lines

    def draw(self) -> None:
        """Draws it where it was placed."""
        read = self.blPara
        self.blPara = read.clone(lines=[_as_it_stands(line, read.kind, self.base) for line in read.lines])
        try:
            super().draw()
        finally:
            self.blPara = read


class RightToLeft(_Bidirectional):
    """One that runs from right to left, whatever other words are in it."""

    base = "R"


class LeftToRight(_Bidirectional):
    """One that runs from left to right, with words in it that do not."""

    base = "L"


def _as_it_stands(line: Any, kind: int, base: str) -> Any:
    if kind == 0:
        room, words = line
        return room, get_display(" ".join(words), base_dir=base).split(" ")
    turned = copy(line)
    turned.words = [_turned(part, base) for part in line.words]
    return turned


def _turned(part: Any, base: str) -> Any:
    turned = copy(part)
    turned.text = get_display(part.text, base_dir=base)
    return turned
