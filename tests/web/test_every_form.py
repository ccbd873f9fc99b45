"""Every form of the pages is sent through the page and through the API, or has a reason why not."""

import re

from tests.web.page_and_api import links
from tests.web.test_every_page import GENERAL, NEEDS
from tests.web.test_page_and_api import ROWS
from web.bookings.guests import COMMANDS

OF_NEWCOMERS = "who sends it has no account yet, and what it asks is told by mail: the tests of newcomers"
OF_ACCOUNTS = "it changes the very session or account that a row is sent by: the tests of accounts"
ONLY_SHOWS = "it keeps nothing: the page shows what would be"
OF_SESSIONS = "it is how one comes to a session or leaves it: the tests of sessions"
WITH_REASONS = {
    "/login": OF_SESSIONS,
    "/logout": OF_SESSIONS,
    "/files": "the API answers the very request, and rows with files send some",
    **dict.fromkeys(
        ("/register", "/verify", "/verify/again", "/reset", "/reset/password", "/invitation"), OF_NEWCOMERS
    ),
    **dict.fromkeys(("/account", "/account/password", "/account/tenant"), OF_ACCOUNTS),
    **dict.fromkeys(("/account/sessions", "/account/sessions/{session_id}"), OF_ACCOUNTS),
    "/settings/calendars/new/preview": ONLY_SHOWS,
    "/settings/calendars/{calendar_id}/preview": ONLY_SHOWS,
    "/settings/roles/{role_id}/preview": ONLY_SHOWS,
    "/quotes/new/lines": ONLY_SHOWS,
    "/quotes/{quote_id}/edit/lines": ONLY_SHOWS,
}
OF_LINK = "/b/{token}/"
FORMS = {path for method, path in NEEDS if method == "POST"} - {path for _, path in GENERAL} - {f"{OF_LINK}{{command}}"}
FORMS |= {f"{OF_LINK}{command}" for command in COMMANDS}
_NAME = re.compile(r"\{\w+\}")


def form_of(action: str) -> str:
    """The form that is posted to the action of a row: the one that is called so word by word, else the one in which a
    name stands for the word."""
    unnamed = _NAME.sub("{}", action)
    alike = [form for form in FORMS if _NAME.sub("{}", form) == unnamed]
    return (alike or [form for form in FORMS if re.fullmatch(_NAME.sub("[^/]+", form), action)])[0]


def test_every_form_is_asked_of_the_api_too_or_has_a_reason() -> None:
    done = {form_of(row.action) for row in (*ROWS, *links.ROWS) if not row.code}
    assert done | WITH_REASONS.keys() == FORMS
    assert not done & WITH_REASONS.keys()
