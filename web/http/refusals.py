"""Why something was refused, in the reader's language, by its code."""

from http import HTTPStatus

from api.http.problems import Problem
from web.http.refusal_words import PLAINER, SENTENCES, WORDS
from web.http.rendering import gettext
from web.http.visits import Visit


def sentence(visit: Visit, code: str, detail: str) -> str:
    """Why, to the visitor: the API's own sentence to who reads English, for it says more than words that are known
    before; the words of the code to others. A code without words, which a test forbids, is said as the API says it."""
    plain = _plainly(detail)
    if code in PLAINER:
        return gettext(visit, PLAINER[code])
    if visit.language == "en":
        return plain
    if plain in SENTENCES:
        return gettext(visit, plain)
    return gettext(visit, WORDS.get(code, plain))


def _plainly(detail: str) -> str:
    """What a rule of a field says, without the name that the machine has for it."""
    said = detail.removeprefix("Value error, ")
    return said if said == detail else said[:1].upper() + said[1:]


def not_from_here() -> Problem:
    """What was sent does not come from one of our pages."""
    return Problem(HTTPStatus.FORBIDDEN, "not_from_here", "This was not sent by a page of ours.")
