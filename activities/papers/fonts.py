"""The typefaces of papers: read once per process, embedded into each paper with only the characters that it uses."""

from functools import cache
from pathlib import Path
from unicodedata import category, normalize

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parents[2] / "templates" / "fonts"
PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
UNKNOWN_CHARACTER = "\N{REPLACEMENT CHARACTER}"

_LINE_ENDS = frozenset("\n\v\f\r\x85\u2028\u2029")


@cache
def ready() -> frozenset[int]:
    """Reads the typefaces, once; returns the code points that all of them can draw."""
    fonts = [TTFont(name, FONTS / f"{name}.ttf") for name in (PLAIN, BOLD)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


def drawable(text: str) -> str:
    """The text with characters that the typefaces have. A missing one becomes a question mark in a diamond; characters
    without a shape are removed, line ends stay."""
    known = ready()
    return "".join(_drawn(character, known) for character in normalize("NFC", text.replace("\r\n", "\n")))


def _drawn(character: str, known: frozenset[int]) -> str:
    if character in _LINE_ENDS:
        return "\n"
    # Controls, joiners, marks of direction: there is nothing to draw.
    if category(character) in ("Cc", "Cf"):
        return " " if character == "\t" else ""
    return character if ord(character) in known else UNKNOWN_CHARACTER
