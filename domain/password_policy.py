"""Which passwords are good enough.

The rules are the project's own (length, four kinds of characters, no reuse) with the list of common passwords that
NIST SP 800-63B section 5.1.1.2 asks for, compared without the digits, symbols and look-alikes people disguise them by.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib.resources import files

MIN_LENGTH = 12
REMEMBERED = 5

_LOOK_ALIKES = (
    str.maketrans("@4301!$57|89", "aaeoiistllbg"),
    str.maketrans("@4301!$57|89", "aaeolistllbg"),
)
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_TAIL = re.compile(r"[\W\d_]+$")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


class Failing(StrEnum):
    """What a password lacks; the value is the code that the API answers with."""

    TOO_SHORT = "password_too_short"
    NO_UPPER = "password_no_upper"
    NO_LOWER = "password_no_lower"
    NO_DIGIT = "password_no_digit"
    NO_SYMBOL = "password_no_symbol"
    COMMON = "password_common"
    REUSED = "password_reused"

    @property
    def sentence(self) -> str:
        """What to do about it."""
        return _SENTENCES[self]


_SENTENCES = {
    Failing.TOO_SHORT: f"Use at least {MIN_LENGTH} characters.",
    Failing.NO_UPPER: "Add a capital letter.",
    Failing.NO_LOWER: "Add a small letter.",
    Failing.NO_DIGIT: "Add a digit.",
    Failing.NO_SYMBOL: "Add a symbol, such as a hyphen.",
    Failing.COMMON: "This is one of the passwords that are tried first; think of another.",
    Failing.REUSED: f"This is one of your last {REMEMBERED} passwords; think of another.",
}


def failings(password: str) -> tuple[Failing, ...]:
    """Everything that the password lacks, in a fixed order; empty when it is good enough."""
    lacks = {
        Failing.TOO_SHORT: len(password) < MIN_LENGTH,
        Failing.NO_UPPER: not any(c.isupper() for c in password),
        Failing.NO_LOWER: not any(c.islower() for c in password),
        Failing.NO_DIGIT: not any(c.isdecimal() for c in password),
        Failing.NO_SYMBOL: all(c.isalnum() for c in password),
        Failing.COMMON: is_common(password),
    }
    return tuple(failing for failing, lacking in lacks.items() if lacking)


def is_common(password: str) -> bool:
    """Whether the password is a common one, or one in disguise: `P@ssw0rd-2026!` is `password`."""
    common = _common()
    return any(base in common for base in _bases(password.lower()))


def _bases(lower: str) -> Iterator[str]:
    # What stands at the end is mostly filling, what stands in front may be a disguised letter.
    for text in (lower, _TAIL.sub("", lower), _EDGES.sub("", lower)):
        for plain in (text, *(text.translate(table) for table in _LOOK_ALIKES)):
            for word in (plain, _EDGES.sub("", plain), _NOT_LETTERS.sub("", plain)):
                yield word
                yield _unrepeated(word)


def _unrepeated(word: str) -> str:
    """`abcabc` is `abc`. A word is a repetition exactly when it is found inside its double before its own end."""
    period = (word + word).find(word, 1)
    return word[:period] if 0 < period < len(word) else word


@cache
def _common() -> frozenset[str]:
    text = (files("domain") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if line)
