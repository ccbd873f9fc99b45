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


def without_tag(address: str) -> str:
    """An address without what plus addressing adds to its name (RFC 5233)."""
    name, at, domain = address.rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}"


def one_line(text: str, longest: int) -> str:
    """The text on one line, without what could deceive, cut to so many characters."""
    plain = "".join(each if is_one_line(each) else " " for each in storable(text))
    return _BLANKS.sub(" ", plain).strip()[:longest].strip()


_NO_SUBJECT = {"en": "(no subject)", "fr": "(sans objet)"}
_TOO_LARGE = {
    "en": "(This mail was too large to be taken whole: only its beginning is here.)",
    "fr": "(Ce message était trop volumineux pour être repris en entier : seul le début figure ici.)",
}


def without_subject(locale: str) -> str:
    """What a ticket is called whose mail has no subject."""
    return _NO_SUBJECT.get(locale.partition("-")[0], _NO_SUBJECT["en"])


def ticket_words(text: str, locale: str, *, too_large: bool) -> str:
    """What a mail says as a message of its ticket; one that was too large says so."""
    note = _TOO_LARGE.get(locale.partition("-")[0], _TOO_LARGE["en"])
    return storable(f"{text.strip()}\n\n{note}".strip() if too_large else text.strip())
