"""Quotes in a browser: the list, one of them, and what can be done with it."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.http.problems import not_found
from api.http.routing import Router
from api.quotes.routes import list_quotes
from domain.quotes.rules import FINISHED, QuoteStatus
from web.http.arriving import arrive
from web.http.files import Passed
from web.http.forms import Form, id_in
from web.http.notices import Notice
from web.http.reading import following, read
from web.http.rendering import draw
from web.http.sending import Ending
from web.http.submitting import fields, submit, to
from web.http.visits import SignedInVisit, Visit
from web.quotes import words
from web.quotes.pages import QuotePage, quote_page
from web.quotes.validity import last_moment

router = Router(prefix="/quotes")

SOON = timedelta(days=7)
"""A quote that holds no longer than this is about to expire."""

_OPEN = [status for status in QuoteStatus if status not in FINISHED]
COMMANDS = {
    "submit": fields(),
    "send": fields(),
    "resend": fields(),
    "withdraw": fields("reason"),
    "accept": fields("name", "signature"),
    "decline": fields("reason"),
    "new-version": fields(),
    "convert": fields(),
}
"""What one can ask of a quote, with the body that each makes of its form."""


@router.get("")
async def quotes(
    visit: SignedInVisit,
    status: Annotated[list[QuoteStatus] | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    mine: bool = False,
    expiring: bool = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The quotes that the visitor may see."""
    usual = None if q or visit.is_customer else _OPEN
    found = await read(
        visit,
        list_quotes,
        paging=Paging(50, cursor, None, count=False),
        status=[QuoteStatus.SENT] if expiring else status or usual,
        author_id=visit.caller.account_id if mine else None,
        valid_before=visit.now + SOON if expiring else None,
        q=q or None,
        latest=None if q or status else True,
    )
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people=[quote.author_id for quote in found.items],
        customers=[quote.customer_id for quote in found.items],
    )
    template = "quotes/portal_list.html" if visit.is_customer else "quotes/list.html"
    shown = {"status": status or [], "q": q or "", "mine": mine, "expiring": expiring}
    listed: dict[str, Any] = {"quotes": found.items, "names": names, "following": following(visit, found.next_cursor)}
    return draw(visit, template, shown=shown, words=words, last_moment=last_moment, **listed)


@router.get("/{quote_id}")
async def quote(visit: SignedInVisit, quote_id: UUID) -> Response:
    """One quote; with another version `beside` it where one is named."""
    page = await quote_page(visit, quote_id, _beside(visit))
    form, notice = await arrive(visit, page.answered_at)
    return _draw(visit, page, form, notice)


@router.get("/{quote_id}/pdf")
async def paper(visit: SignedInVisit, quote_id: UUID) -> Response:
    """The quote on paper; before it is sent, marked as a draft."""
    return Passed(visit, f"/quotes/{quote_id}/pdf")


@router.post("/{quote_id}/delete")
async def delete(visit: SignedInVisit, quote_id: UUID) -> Response:
    """Deletes a draft."""
    again = partial(_quote, visit, quote_id)
    return await submit(visit, again, "DELETE", f"/quotes/{quote_id}", lambda _: None, to("/quotes"))


@router.post("/{quote_id}/approval/{task_id}")
async def decide(visit: SignedInVisit, quote_id: UUID, task_id: UUID) -> Response:
    """Approves the quote, or refuses to, by the task that asks for it."""
    again, here = partial(_quote, visit, quote_id), f"/quotes/{quote_id}"
    return await submit(visit, again, "POST", f"/reviews/{task_id}/decision", fields("decision", "reason"), to(here))


@router.post("/{quote_id}/{command}")
async def command(visit: SignedInVisit, quote_id: UUID, command: str) -> Response:
    """Asks something of the quote."""
    if command not in COMMANDS:
        raise not_found("page")
    again, path = partial(_quote, visit, quote_id), f"/quotes/{quote_id}/{command}"

    def onward(ending: Ending) -> str:
        next_version = command == "new-version" and ending.done
        return f"/quotes/{ending.body['id']}/edit" if next_version else f"/quotes/{quote_id}"

    return await submit(visit, again, "POST", path, COMMANDS[command], onward)


async def _quote(
    visit: Visit, quote_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return _draw(visit, await quote_page(visit, quote_id, _beside(visit)), form, notice, status)


def _draw(
    visit: Visit, page: QuotePage, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    template = "quotes/portal_quote.html" if visit.is_customer else "quotes/quote.html"
    return draw(
        visit,
        template,
        status,
        page=page,
        quote=page.quote,
        form=form,
        notice=notice,
        words=words,
        last_moment=last_moment,
    )


def _beside(visit: Visit) -> UUID | None:
    return id_in(visit.request.query_params.get("beside", ""))
