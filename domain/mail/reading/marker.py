"""The line above which a mail of ours asks to be answered: what follows it in a reply is our own mail."""

from collections.abc import Mapping

MARKERS: Mapping[str, str] = {
    "en": "##- Please type your reply above this line -##",
    "fr": "##- Merci de répondre au-dessus de cette ligne -##",
}
"""By language. The words of what was sent once are never changed: replies come years later."""

_BEGINS = "##-"


def marker(language: str) -> str:
    """The line in a language as `fr` or `fr-CA`, the English one where there is none of it."""
    return MARKERS.get(language.partition("-")[0].lower(), MARKERS["en"])


def is_marker(line: str) -> bool:
    """Whether a line of a reply is ours, quoted or not, also where a client has put other words around it."""
    _, begins, rest = line.partition(_BEGINS)
    return bool(begins) and any(f"{_BEGINS}{rest}".startswith(known) for known in MARKERS.values())
