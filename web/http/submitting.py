"""A form on its way: proven to be ours, carried to the API, and answered by the page that shows what became of it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

from api.identity.routes.drafts import forget_draft
from web.http.forms import FILES, Form, draft_of, posted
from web.http.keeping import keep, kept
from web.http.notices import Notice, after, not_proven, put_errors, refused
from web.http.rendering import gettext
from web.http.sending import Ending, send
from web.http.uploads import take_in_files
from web.http.visits import Visit

Again = Callable[[Form, Notice | None, HTTPStatus], Awaitable[Response]]
"""Draws the form's page once more, with its words, what became of them, and the status to answer with."""


async def submit(
    visit: Visit,
    again: Again,
    method: str,
    path: str,
    body: Callable[[Form], Any],
    onward: Callable[[Ending], str],
    *,
    of_version: bool = False,
) -> Response:
    """Carries a posted form to the API's route and answers: done or on its way, by leading `onward`; refused, by the
    page once more. `body` makes the API's body of the form. One that is `of_version` counts only for the version of the
    case that its page has shown, which stands in the form."""
    form = await posted(visit)
    if not form.ours:
        return await again(form, not_proven(visit), HTTPStatus.FORBIDDEN)
    if not await take_in_files(visit, form):
        return await again(form, None, HTTPStatus.UNPROCESSABLE_ENTITY)
    seen = form.values.get("version", "") if of_version else ""
    version = int(seen) if seen.isdecimal() else None
    ending = await send(visit, method, path, body(form), key=form.key, version=version)
    return await settled(visit, again, form, ending, onward)


async def settled(visit: Visit, again: Again, form: Form, ending: Ending, onward: Callable[[Ending], str]) -> Response:
    """The answer to a form that was carried to the API. The draft of what was done is forgotten; of what is on its way
    it is kept, because it may be refused."""
    path = visit.request.url.path
    if ending.done and visit.visitor:
        await forget_draft(draft_of(path), visit.caller, visit.services)
    if ending.pending and visit.visitor:
        await keep(visit, visit.caller, path, kept(form), sent_by=str(ending.body["command_id"]))
    if ending.done or ending.pending:
        return after(ending, onward(ending))
    notice = None if put_errors(visit, ending, form) else refused(visit, ending, gettext(visit, "Not done."))
    return await again(form.with_new_key(), notice, HTTPStatus(ending.status))


def fields(*names: str) -> Callable[[Form], dict[str, Any]]:
    """A body of those fields in which something stands."""
    return lambda form: form.given(*names)


def nothing(_: Form) -> None:
    """No body: the address says it all."""


def or_nobody(name: str) -> Callable[[Form], dict[str, Any]]:
    """A body of one field, in which nothing may stand too."""
    return lambda form: {name: form.values.get(name) or None}


def with_files(*names: str) -> Callable[[Form], dict[str, Any]]:
    """A body as by `fields`, with the files that were handed in."""
    return lambda form: form.given(*names) | ({FILES: form.lists[FILES]} if form.lists.get(FILES) else {})


def to(address: str) -> Callable[[Ending], str]:
    """Onward to an address that is known before."""
    return lambda _: address


def opened(at: str) -> Callable[[Ending], str]:
    """Onward to what was opened, by its id. While it is on its way nobody sees it: then to the form's page, which says
    what becomes of it."""
    return lambda ending: f"{at}/new" if ending.pending else f"{at}/{ending.body['id']}"
