"""The built-in words by which a mail's priority is raised, by one step at most, in English and French."""

import re
import unicodedata

from domain.mail.reading.content import ReadMail
from domain.tickets.rules import TicketPriority

_LOOKED_AT = 4_000

_WORDS = (
    *("urgent", "urgently", "emergency", "asap", "as soon as possible", "immediately", "critical", "outage"),
    *("system down", "site down", "production down", "data loss", "security breach"),
    *("urgente", "urgence", "en urgence", "des que possible", "immediatement", "au plus vite", "critique"),
    *("en panne", "panne totale", "bloquant", "bloques", "perte de donnees", "faille de securite"),
)
_ANY = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))) + r")(?!\w)")
# "not urgent", "pas urgent", "rien d'urgent": the words are there, and mean the contrary.
_DENIED = re.compile(r"(?:not|no|isn't|pas|rien d'|sans|aucune|non)\s*(?:at all |very |so |tres |si |d')?$")


def urgent_words(mail: ReadMail) -> tuple[str, ...]:
    """Those of the words that the subject or the beginning of the text says and does not deny, each once."""
    found = []
    for text in (mail.subject, mail.text[:_LOOKED_AT]):
        plain = _plain(text)
        found += [match[0] for match in _ANY.finditer(plain) if not _DENIED.search(plain[: match.start()])]
    return tuple(dict.fromkeys(found))


def raised(priority: TicketPriority, words: tuple[str, ...]) -> TicketPriority:
    """The priority, one step higher where there are such words."""
    return priority.raised() if words else priority


def _plain(text: str) -> str:
    """In small letters without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    return "".join(each for each in decomposed if not unicodedata.combining(each))
