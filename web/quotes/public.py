"""A quote by the link that was mailed: read, accepted or declined without an account. Who looks is nobody, also where
somebody is logged in: the link alone says what may be done."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import Response

from api.http.problems import Problem, not_found
from api.http.routing import Router
from api.quotes.schemas import PublicQuoteView
from domain.quotes.rules import QuoteStatus
from web.http.files import Passed
from web.http.forms import Form
from web.http.languages import language_of
from web.http.notices import Notice, on_its_way
from web.http.rendering import draw
from web.http.sending import Ending, send
from web.http.submitting import fields, submit, to
from web.http.visits import LANGUAGE, Visit, VisitDep
from web.quotes import words
from web.quotes.validity import until

router = Router(prefix="/q/{token}")

_LINK = re.compile(r"[\w.-]{1,2000}")


async def link_holder(visit: VisitDep, token: str) -> Visit:
    """The visit of whoever has the link, as a dependency. Raises 404 for what cannot be a link of ours."""
    if not _LINK.fullmatch(token):
        raise not_found("quote")
    return replace(visit, visitor=None)


LinkHolder = Annotated[Visit, Depends(link_holder)]


@router.get("")
async def quote(visit: LinkHolder, token: str) -> Response:
    """The quote, with what one can answer. Opening it uses nothing up: mail scanners open links too."""
    pending = visit.request.query_params.get("pending")
    notice = replace(on_its_way(visit, pending), command_id=None, again=f"/q/{token}") if pending else None
    return await _quote(visit, token, notice=notice)


@router.get("/pdf")
async def paper(visit: LinkHolder, token: str) -> Response:
    """The quote on paper."""
    return Passed(visit, f"/public/quotes/{token}/pdf")


@router.post("/accept")
async def accept(visit: LinkHolder, token: str) -> Response:
    """Accepts the quote in the name that is typed."""
    return await _answer(visit, token, "accept", fields("name", "signature"))


@router.post("/decline")
async def decline(visit: LinkHolder, token: str) -> Response:
    """Declines the quote, and says why."""
    return await _answer(visit, token, "decline", fields("reason"))


async def _answer(visit: Visit, token: str, answer: str, body: Callable[[Form], dict[str, Any]]) -> Response:
    path = f"/public/quotes/{token}/{answer}"
    return await submit(visit, partial(_quote, visit, token), "POST", path, body, to(f"/q/{token}"))


async def _quote(
    visit: Visit,
    token: str,
    form: Form | None = None,
    notice: Notice | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    ending = await send(visit, "GET", f"/public/quotes/{token}")
    if not ending.done:
        return _over(visit, ending)
    found = PublicQuoteView.model_validate(ending.body)
    visit = _as_written(visit, found)
    shown: dict[str, Any] = {
        "quote": found,
        "until": until(found.valid_until, visit.now, found.timezone, visit.language),
        "can_be_answered": found.status is QuoteStatus.SENT,
        "here": f"/q/{token}",
        "form": form or Form(),
    }
    return draw(visit, "quotes/public.html", status, notice=notice, words=words, **shown)


def _as_written(visit: Visit, quote: PublicQuoteView) -> Visit:
    """The visit in the language that the visitor has chosen, else that of the quote, and in the quote's zone."""
    return replace(visit, language=_language(visit, quote.locale), zone_of_nobody=quote.timezone)


def _language(visit: Visit, written_in: str | None) -> str:
    """That of the account, where somebody is logged in; else the one chosen in this browser, else the quote's."""
    chosen = visit.request.cookies.get(visit.request.state.cookies.name(LANGUAGE))
    known: Visit = visit.request.state.visit
    return language_of(known.visitor.locale if known.visitor else None, chosen, written_in)


def _over(visit: Visit, ending: Ending) -> Response:
    if ending.status != HTTPStatus.GONE:
        raise Problem(ending.status, ending.code, str(ending.body["detail"]))
    title, text = words.OVER[ending.code]
    visit = replace(visit, language=_language(visit, ending.headers.get("content-language")))
    return draw(visit, "quotes/over.html", HTTPStatus.GONE, title=title, text=text)
