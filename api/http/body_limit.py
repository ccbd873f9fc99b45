"""Refuses bodies that are larger than any command needs, before they are held in memory."""

from collections.abc import Collection
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import Problem, answer
from api.http.route_names import API_PREFIX, is_among

MAX_BODY_BYTES = 1_048_576


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Answers 413 as soon as the announced or the received length is above the limit.

    The routes at the paths `streamed`, or below those of them that end with a slash, take more, and count for
    themselves while they stream it. A page's form that brings files (multipart) may have `form_limit` bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int = MAX_BODY_BYTES,
        *,
        streamed: Collection[str] = (),
        form_limit: int = MAX_BODY_BYTES,
    ) -> None:
        self._app = app
        self._limit = limit
        self._streamed = frozenset(streamed)
        self._form_limit = form_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] == "POST" and is_among(self._streamed, scope["path"])):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with_files = headers.get("content-type", "").startswith("multipart/form-data")
        limit = self._form_limit if with_files and not scope["path"].startswith(f"{API_PREFIX}/") else self._limit
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > limit:
            await _refuse(limit, scope, receive, send)
            return
        received = 0
        answering = False

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLarge
            return message

        async def send_unless_too_large(message: Message) -> None:
            nonlocal answering
            # The framework would take our exception for a malformed body and answer 400.
            if answering or received <= limit:
                answering = True
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, receive_counted, send_unless_too_large)
        if received > limit and not answering:
            await _refuse(limit, scope, receive, send)


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"The body is larger than {limit} bytes."
    problem = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", detail)
    await answer(problem)(scope, receive, send)
