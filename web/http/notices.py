"""What became of what was asked: done, written down and on its way, or refused and why."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi.responses import RedirectResponse, Response

from api.cases.routes import CommandView
from web.cases.places import page_of
from web.http.forms import Form
from web.http.refusals import sentence
from web.http.rendering import gettext
from web.http.sending import Ending
from web.http.visits import Visit

_NO_FIELDS = frozenset({"Idempotency-Key", "If-Match", "fields"})
"""What errors name that no form shows as a field: headers, and all answers of a task together."""


@dataclass(frozen=True)
class Notice:
    """`kind` is `done`, `refused` or, for what is on its way, empty. `again` leads to where one sees what became
    of it."""

    kind: str
    title: str
    text: str = ""
    again: str | None = None
    command_id: str | None = None


def on_its_way(visit: Visit, command_id: str) -> Notice:
    """It is written down, and the engine has not answered yet."""
    title = gettext(visit, "We have it.")
    text = gettext(visit, "It is written down and is being carried out; this page changes by itself when it is.")
    return Notice("", title, text, f"{visit.request.url.path}?pending={command_id}", command_id)


def refused(visit: Visit, ending: Ending, title: str) -> Notice:
    """It was refused; what was typed is still there."""
    return Notice("refused", title, sentence(visit, ending.code, str(ending.body["detail"])))


def not_done(visit: Visit, command: CommandView) -> Notice:
    """It was on its way, and refused there; what was typed is still there."""
    return Notice("refused", gettext(visit, "Not done."), sentence(visit, command.code or "", command.detail or ""))


def was_done(visit: Visit, command: CommandView) -> Notice:
    """It was on its way, and is done."""
    shown_at = None
    if command.case_kind and command.case_id:
        shown_at = page_of(command.case_kind, command.case_id, for_customer=visit.is_customer)
    return Notice("done", gettext(visit, "It is done."), again=None if shown_at == visit.request.url.path else shown_at)


def logged_out(visit: Visit, *, with_files: bool = False) -> Notice:
    """The session has ended under a form; no file that came with it was taken."""
    title = gettext(visit, "You are no longer logged in.")
    text = gettext(visit, "Nothing was sent. Log in, and your words are back.")
    if with_files:
        text += " " + gettext(visit, "Files have to be chosen again.")
    return Notice("refused", title, text)


def not_proven(visit: Visit) -> Notice:
    """The form was not proven to be ours."""
    title = gettext(visit, "Please press once more.")
    return Notice(
        "refused", title, gettext(visit, "This page was open for long or came from elsewhere; nothing was sent.")
    )


def after(ending: Ending, address: str) -> Response:
    """The way on after a form that was done or is on its way: to the page that shows it."""
    if ending.pending:
        separator = "&" if "?" in address else "?"
        address = f"{address}{separator}pending={ending.body['command_id']}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def put_errors(visit: Visit, ending: Ending, form: Form) -> bool:
    """Puts what the API found wrong with the form's fields to them, in the visitor's language; answers whether that is
    all that is wrong."""
    of_fields = [error for error in ending.errors if error["field"] not in _NO_FIELDS]
    for error in of_fields:
        form.errors.setdefault(str(error["field"]), sentence(visit, str(error["code"]), str(error["detail"])))
    return bool(of_fields) and len(of_fields) == len(ending.errors)
