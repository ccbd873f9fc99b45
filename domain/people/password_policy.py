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
# How many letters in a row, at either end, may be disguised as something else: `pa$$` for `pass`.
MOST_DISGUISED = 4
REMEMBERED = 5

_LOOK_ALIKES = (
    str.maketrans("@4301!$57|89", "aaeoiistllbg"),
    str.maketrans("@4301!$57|89", "aaeolistllbg"),
)
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
    """The words that the password may be built on: without digits and symbols around them, and with look-alikes turned
    back into letters."""
    for text in (lower, *_cores(lower)):
        for plain in (text, *(text.translate(table) for table in _LOOK_ALIKES)):
            for word in (plain, _NOT_LETTERS.sub("", plain)):
                yield word
                yield _unrepeated(word)


def _cores(lower: str) -> Iterator[str]:
    # Where the filling ends is not known: a digit next to a letter may be one in disguise.
    filling = "".join(c for c in lower if not c.isalpha())
    first = len(lower) - len(lower.lstrip(filling))
    last = len(lower.rstrip(filling))
    for start in range(max(0, first - MOST_DISGUISED), first + 1):
        for end in range(last, min(len(lower), last + MOST_DISGUISED) + 1):
            yield lower[start:end]


def _unrepeated(word: str) -> str:
    """`abcabc` is `abc`. A word is a repetition exactly when it is found inside its double before its own end."""
    period = (word + word).find(word, 1)
    return word[:period] if 0 < period < len(word) else word


@cache
def _common() -> frozenset[str]:
    text = (files("domain.people") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if line)
