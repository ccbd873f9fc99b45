"""Refuses bodies that are larger than any command needs, before they are held in memory."""

from collections.abc import Collection
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import Problem, answer

MAX_BODY_BYTES = 1_048_576


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Answers 413 as soon as the announced or the received length is above the limit.

    The routes at the paths `streamed` take more, and count for themselves while they stream it.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES, *, streamed: Collection[str] = ()) -> None:
        self._app = app
        self._limit = limit
        self._streamed = frozenset(streamed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] == "POST" and scope["path"] in self._streamed):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self._limit:
            await self._refuse(scope, receive, send)
            return
        received = 0
        answering = False

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise _TooLarge
            return message

        async def send_unless_too_large(message: Message) -> None:
            nonlocal answering
            # The framework would take our exception for a malformed body and answer 400.
            if answering or received <= self._limit:
                answering = True
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, receive_counted, send_unless_too_large)
        if received > self._limit and not answering:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The body is larger than {self._limit} bytes."
        problem = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", detail)
        await answer(problem)(scope, receive, send)
