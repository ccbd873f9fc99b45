"""Why something was refused, in the reader's language, by its code."""

from http import HTTPStatus

from api.http.problems import Problem
from web.http.rendering import gettext
from web.http.visits import Visit


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


SENTENCES = {
    "string_too_short": _("Please write something here."),
    "string_too_long": _("This is too long."),
    "missing": _("This is missing."),
    "int_parsing": _("This cannot be read as the number that is wanted here."),
    "int_type": _("This is to be a whole number."),
    "decimal_parsing": _("Please write a number here."),
    "login_refused": _("The address or the password is not right, or the account is locked for a while."),
    "version_mismatch": _("Somebody has changed it meanwhile. Look at it once more before you press again."),
    "idempotency_mismatch": _("This form was sent already, with other words."),
    "ticket_closed": _("The ticket is closed: open a new one, it will be linked."),
    "rate_limited": _("This was asked too often. Please wait a little."),
}
"""What the API's sentence does not say well enough to a person; every other code is worded by its own sentence."""


def sentence(visit: Visit, code: str, detail: str) -> str:
    """Why, to the visitor."""
    return gettext(visit, SENTENCES.get(code) or _plainly(detail))


def _plainly(detail: str) -> str:
    """What a rule of a field says, without the name that the machine has for it."""
    said = detail.removeprefix("Value error, ")
    return said if said == detail else said[:1].upper() + said[1:]


def not_from_here() -> Problem:
    """What was sent does not come from one of our pages."""
    return Problem(HTTPStatus.FORBIDDEN, "not_from_here", "This was not sent by a page of ours.")
