"""Text that stands in one line wherever it is shown: in a list, in the header of a mail, in a file's name."""

import unicodedata

# Controls, surrogates, line separators; and the marks that turn the direction, which make "gpj.exe" of "exe.jpg".
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """Whether nothing in the text breaks its line, controls what shows it, or turns it round."""
    return not any(unicodedata.category(one) in _CONTROL_CATEGORIES or one in _TURNING_MARKS for one in text)
