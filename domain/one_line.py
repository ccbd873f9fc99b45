"""Checks text that must stay on one line, such as a name in a list, in a mail's header or in a file's name."""

import unicodedata

# Controls, surrogates, line separators; and the marks that turn the direction, which make "gpj.exe" of "exe.jpg".
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """Whether the text has no line breaks, no control characters, and no marks that change its direction."""
    return not any(unicodedata.category(one) in _CONTROL_CATEGORIES or one in _TURNING_MARKS for one in text)
