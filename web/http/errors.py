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
from web.http.languages import language_of
from web.http.rendering import draw
from web.http.visits import LoginFirst, Visit

Handler = Callable[[Request, Any], Awaitable[Response]]

_OURS_ELSEWHERE = (f"{API_PREFIX}/", "/healthz", "/readyz", "/metrics", "/static/", "/assets/")


def show_as_pages(app: FastAPI) -> None:
    """Has every error of a page answered by a page, where the API answers by a problem document."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _as_page(handler)

    @app.exception_handler(LoginFirst)
    async def on_stranger(request: Request, _: LoginFirst) -> Response:
        return to_login(request)


def to_login(request: Request) -> Response:
    """The way to log in, and from there back to the page."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = f"/login?next={quote(asked)}" if request.method == "GET" and asked != "/" else "/login"
    if "hx-request" in request.headers:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _as_page(handler: Any) -> Handler:
    async def on_error(request: Request, error: Any) -> Response:
        answered: Response = await handler(request, error)
        if request.url.path.startswith(_OURS_ELSEWHERE):
            return answered
        return fault_page(request, json.loads(bytes(answered.body)), dict(answered.headers))

    return on_error


def fault_page(request: Request, problem: dict[str, Any], headers: dict[str, str]) -> Response:
    """The page of a problem."""
    visit: Visit = getattr(request.state, "visit", None) or _of_nobody(request)
    kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
    status = HTTPStatus(problem["status"])
    return draw(visit, "http/fault.html", status, kept, problem=problem, reference=correlation_id())


def _of_nobody(request: Request) -> Visit:
    language = language_of(request.headers.get("accept-language"))
    return Visit(request, request.app.state.services, None, language, datetime.now(UTC))
