"""Words of a mail as they are kept: what the database cannot hold is left out."""

import re

from domain.one_line import is_one_line

LONGEST_SUBJECT = 200
_NUMBERS = re.compile(r"\s*\[TCK-\d{8}-\d{5,9}\]")
_BLANKS = re.compile(r"\s+")


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which Postgres does not take."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def ticket_subject(subject: str, otherwise: str) -> str:
    """What a ticket is called that a mail opens: its subject on one line without the numbers of tickets, which would
    name those in every answer; `otherwise` when nothing is left."""
    kept = one_line(_NUMBERS.sub("", subject), LONGEST_SUBJECT)
    return kept or otherwise


def person_name(name: str, address: str) -> str:
    """What somebody is called by the name that a header gives, else by the address."""
    return one_line(name, 200) or one_line(address.partition("@")[0], 200) or "?"


def one_line(text: str, longest: int) -> str:
    """The text on one line, without what could deceive, cut to so many characters."""
    plain = "".join(each if is_one_line(each) else " " for each in storable(text))
    return _BLANKS.sub(" ", plain).strip()[:longest].strip()
