"""How likely a mail is spam: 0 to 100 points, each part with its reason, so that a person can judge the judgement."""

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from domain.mail.listing import Listed
from domain.mail.reading.content import Link, ReadMail
from domain.mail.states import Verdict

MOST_POINTS = 100


class Reason(StrEnum):
    LISTED = "listed"
    AUTHENTICATION = "authentication"
    OWN_SERVER = "own_server"
    WORDS = "words"
    PHISHING = "phishing"
    FORM = "form"
    KNOWN_SENDER = "known_sender"


@dataclass(frozen=True)
class Part:
    """Points, with what they are for; `found` are the words or hosts that told."""

    reason: Reason
    points: int
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """All points together, within 0 and 100."""

    points: int
    parts: tuple[Part, ...]


_AUTHENTICATION, _OWN_SERVER, _MOST_WORDS, _A_WORD, _PHISHING, _FORM, _KNOWN = 30, 40, 40, 20, 25, 15, -20

_PHRASES = (
    *("viagra", "cialis", "casino", "lottery", "you have won", "claim your prize", "wire transfer of", "100% free"),
    *("make money fast", "earn extra cash", "work from home and earn", "no credit check", "risk-free", "act now"),
    *("limited time offer", "crypto investment", "double your", "seo services", "first page of google"),
    *("verify your account", "your account has been suspended", "unusual sign-in", "confirm your password"),
    *("inheritance fund", "next of kin", "dear beneficiary", "weight loss", "hot singles", "cheap meds"),
    *("vous avez gagne", "loterie", "gain immediat", "argent facile", "credit sans justificatif", "offre limitee"),
    *("verifiez votre compte", "votre compte a ete suspendu", "confirmez votre mot de passe", "heritage de"),
    *("investissement crypto", "perdre du poids", "100% gratuit", "premiere page de google"),
)
_ANY_PHRASE = re.compile("|".join(map(re.escape, _PHRASES)))
_LOOKED_AT = 50_000
# What a person takes for an address: with a scheme or www, or under a domain that everybody knows.
_HOST = re.compile(
    r"(?:https?://(?:www\.)?|www\.)((?:[\w-]+\.)+[a-z]{2,})(?=[/:?#]|$)"
    r"|((?:[\w-]+\.)+(?:com|net|org|info|biz|io|co|eu|fr|de|uk|dz|ma|tn|be|ch|it|es|example))(?=[/:?#]|$)",
    re.IGNORECASE,
)
# Letters of other scripts that look like Latin ones (Unicode TR 39, the commonest of its confusables), and digits.
_LOOKS_LIKE = str.maketrans("аеорсухіјѕԁһӏαορν01", "aeopcyxijsdhlaopvol")


def score(
    mail: ReadMail,
    verdict: Verdict,
    *,
    listed: Listed | None = None,
    known_sender: bool = False,
    own_domains: Collection[str] = (),
    blocked_domains: Collection[str] = (),
) -> Score:
    """The points of a mail. What staff have said of its sender goes before everything else.

    `own_domains` are those that strangers like to look like; `blocked_domains` are listed as blocked.
    """
    if listed is Listed.BLOCKED:
        return Score(MOST_POINTS, (Part(Reason.LISTED, MOST_POINTS),))
    if listed is Listed.ALLOWED:
        return Score(0, (Part(Reason.LISTED, 0),))
    found = [
        Part(Reason.AUTHENTICATION, _AUTHENTICATION) if verdict is Verdict.FAIL else None,
        _own_server(mail),
        _words(mail),
        _phishing(mail, own_domains, blocked_domains),
        Part(Reason.FORM, _FORM) if mail.is_form else None,
        Part(Reason.KNOWN_SENDER, _KNOWN) if known_sender else None,
    ]
    parts = tuple(part for part in found if part)
    return Score(min(max(sum(part.points for part in parts), 0), MOST_POINTS), parts)


def _own_server(mail: ReadMail) -> Part | None:
    """What the server of the mailbox has found. Whoever writes such a header themselves harms only themselves."""
    for name, value in mail.headers:
        said = value.strip().lower()
        if (name.lower() in ("x-spam-flag", "x-spam-status", "x-spam") and said.startswith("yes")) or (
            name.lower() == "x-ms-exchange-organization-scl" and said.isdecimal() and int(said) >= 5
        ):
            return Part(Reason.OWN_SERVER, _OWN_SERVER, (name,))
    return None


def _words(mail: ReadMail) -> Part | None:
    plain = _plain(f"{mail.subject}\n{mail.text[:_LOOKED_AT]}")
    found = tuple(dict.fromkeys(_ANY_PHRASE.findall(plain)))
    return Part(Reason.WORDS, min(len(found) * _A_WORD, _MOST_WORDS), found) if found else None


def _phishing(mail: ReadMail, own: Collection[str], blocked: Collection[str]) -> Part | None:
    found = tuple(dict.fromkeys(host for link in mail.links for host in _suspect(link, own, blocked)))
    return Part(Reason.PHISHING, _PHISHING, found) if found else None


def _suspect(link: Link, own: Collection[str], blocked: Collection[str]) -> Iterator[str]:
    """The host of a link that leads elsewhere than it says, to a number, to what looks like us, or to what is
    blocked."""
    host = _host_of(link.target)
    if host is None:
        return
    said = _HOST.match(link.text.strip())
    if said and not _same_site((said[1] or said[2]).lower(), host):
        yield host
    if _is_number(host) or _looks_like(host, own) or any(_same_site(host, each) for each in blocked):
        yield host


def _host_of(target: str) -> str | None:
    try:
        host = urlsplit(target).hostname
    except ValueError:
        return None
    return host.rstrip(".").lower() if host else None


def _same_site(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _is_number(host: str) -> bool:
    if host.isdecimal():
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _looks_like(host: str, own: Collection[str]) -> bool:
    shown = _shown(host)
    resembles = _plain(shown).translate(_LOOKS_LIKE)
    return any(
        not _same_site(shown, each) and (_same_site(resembles, _plain(each).translate(_LOOKS_LIKE))) for each in own
    )


def _shown(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except (UnicodeError, ValueError):
        return host


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))
