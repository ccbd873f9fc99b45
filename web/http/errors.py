"""Pages that say what went wrong: why, what is true instead, and that nothing is lost."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import correlation_id
from api.http.route_names import API_PREFIX
from web.http.elsewhere import elsewhere
from web.http.forms import Form, from_our_pages, id_in, posted
from web.http.keeping import kept
from web.http.languages import language_of
from web.http.notices import logged_out
from web.http.refusals import sentence
from web.http.rendering import draw
from web.http.sealing import Unsent, seal
from web.http.visits import LANGUAGE, LoginFirst, Visit

Handler = Callable[[Request, Any], Awaitable[Response]]

_OURS_ELSEWHERE = (f"{API_PREFIX}/", "/healthz", "/readyz", "/metrics", "/assets/")


def show_as_pages(app: FastAPI) -> None:
    """Has every error of a page answered by a page, where the API answers by a problem document."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _as_page(handler)

    @app.exception_handler(LoginFirst)
    async def on_stranger(request: Request, _: LoginFirst) -> Response:
        return await to_login(request)


async def to_login(request: Request) -> Response:
    """The way to log in, and from there back to the page. What was written comes along. A part of a page is refused:
    the page stays as it is, with what stands in it."""
    if "hx-request" in request.headers or request.method not in ("GET", "POST"):
        return Response(status_code=HTTPStatus.UNAUTHORIZED)
    if request.method == "POST":
        return await _login_with_words(request)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/login" if asked == "/" else f"/login?next={quote(asked)}", HTTPStatus.SEE_OTHER)


async def _login_with_words(request: Request) -> Response:
    visit = _of_nobody(request)
    form = await posted(visit)
    values = {"next": visit.page}
    if (whose := id_in(form.who)) is None:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    unsent = Unsent(request.url.path, visit.page, kept(form))
    if from_our_pages(request) and (sealed := seal(visit.services.tokens, whose, unsent)):
        values["sealed"] = sealed
    notice = logged_out(visit, with_files=bool(form.files))
    return draw(visit, "identity/login.html", HTTPStatus.UNAUTHORIZED, form=Form(values), notice=notice)


def _as_page(handler: Any) -> Handler:
    async def on_error(request: Request, error: Any) -> Response:
        answered: Response = await handler(request, error)
        if request.url.path.startswith(_OURS_ELSEWHERE):
            return answered
        return await _fault_page(request, json.loads(bytes(answered.body)), dict(answered.headers))

    return on_error


async def _fault_page(request: Request, problem: dict[str, Any], headers: dict[str, str]) -> Response:
    visit: Visit = getattr(request.state, "visit", None) or _of_nobody(request)
    kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
    status = HTTPStatus(problem["status"])
    # Not said by a template: there it would be HTML, and a format, with what somebody may have put into it.
    said = sentence(visit, problem["code"], problem["detail"])
    house = await elsewhere(visit) if status is HTTPStatus.NOT_FOUND else None
    return draw(
        visit, "http/fault.html", status, kept, problem=problem, said=said, house=house, reference=correlation_id()
    )


def _of_nobody(request: Request) -> Visit:
    cookie = request.cookies.get(request.state.cookies.name(LANGUAGE))
    language = language_of(cookie, request.headers.get("accept-language"))
    return Visit(request, request.app.state.services, None, language, datetime.now(UTC))
