"""Refuses bodies that the API cannot read by what they say they are."""

from collections.abc import Collection
from email.message import Message
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problems import Problem, answer
from api.http.route_names import API_PREFIX, is_among


class JsonOnly:
    """Answers 415 `json_expected` to any body for the API that is not called JSON. The routes at the paths `others`,
    or below those of them that end with a slash, look for themselves."""

    def __init__(self, app: ASGIApp, *, others: Collection[str] = ()) -> None:
        self._app = app
        self._others = frozenset(others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_api = scope["type"] == "http" and scope["path"].startswith(f"{API_PREFIX}/")
        if of_api and not is_among(self._others, scope["path"]):
            headers = Headers(scope=scope)
            has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
            if has_body and not _is_json(headers.get("content-type", "")):
                await answer(_refusal())(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_json(content_type: str) -> bool:
    said = Message()
    said["Content-Type"] = content_type
    # What says nothing, or nothing that can be read, counts as text/plain.
    return said.get_content_type() == "application/json" or said.get_content_type().endswith("+json")


def _refusal() -> Problem:
    sentence = "Send the body as JSON, with Content-Type application/json."
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "json_expected", sentence)
