"""What every path answers besides the methods that its routes name: HEAD as GET, and the whole `Allow` to any other."""

from collections.abc import Iterable

from anyio import CancelScope
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Heads:
    """Answers HEAD with the headers of GET (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = False

        async def send_head(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                # The server leaves the body out only where it sees that HEAD was asked.
                scope["method"] = "HEAD"
                await send(message)
            elif not answered:
                answered = True
                await send({"type": "http.response.body", "body": b""})
            if message.get("more_body"):
                # Nobody reads on, and a stream would have no end.
                answering.cancel()

        scope["method"] = "GET"
        with CancelScope() as answering:
            await self._app(scope, receive, send_head)


def methods_of(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """The methods that the path of a request takes, by all of its routes."""
    asked = {"type": "http", "path": scope["path"], "root_path": scope.get("root_path", ""), "headers": []}
    taken = []
    for method in _METHODS:
        if any(route.matches({**asked, "method": method, "path_params": {}})[0] is Match.FULL for route in routes):
            taken += [method, "HEAD"] if method == "GET" else [method]
    return taken
