"""What a page asks of the API: the route's own function, in this process, with the same checks as from outside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.types import Message, Scope

from api.http.route_names import API_PREFIX
from web.http.visits import Visit


@dataclass(frozen=True)
class Ending:
    """How a request ended. `body` is what the API says of it."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """It is done, or there is nothing to be done about it."""
        return self.status < HTTPStatus.BAD_REQUEST and not self.pending

    @property
    def pending(self) -> bool:
        """It is written down and will be carried out."""
        return self.status == HTTPStatus.ACCEPTED and "command_id" in self.body

    @property
    def code(self) -> str:
        """Why it was refused."""
        return str(self.body["code"])

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with which field."""
        return list(self.body.get("errors") or ())


async def send(
    visit: Visit, method: str, path: str, body: Any = None, *, key: str | None = None, version: int | None = None
) -> Ending:
    """Asks the API's `path` in the visitor's name: with an idempotency key, and of the version that they have seen."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = [(b"user-agent", visit.request.headers.get("user-agent", "").encode("latin-1", "replace"))]
    if body is not None:
        headers.append((b"content-type", b"application/json"))
    if key:
        headers.append((b"idempotency-key", key.encode("latin-1", "replace")))
    if version is not None:
        headers.append((b"if-match", f'"{version}"'.encode()))
    return await ask(visit, method, path, content, headers)


async def ask(visit: Visit, method: str, path: str, content: bytes, headers: list[tuple[bytes, bytes]]) -> Ending:
    """As `send`, of a body that is ready."""
    scope = to_api(visit, method, path, headers)
    status, answered, parts = 500, {}, []
    came = False

    async def receive() -> Message:
        nonlocal came
        if came:
            return {"type": "http.disconnect"}
        came = True
        return {"type": "http.request", "body": content, "more_body": False}

    async def hear(message: Message) -> None:
        nonlocal status, answered
        if message["type"] == "http.response.start":
            status = message["status"]
            answered = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            parts.append(message.get("body", b""))

    await scope["app"].router(scope, receive, hear)
    text = b"".join(parts)
    return Ending(status, json.loads(text) if text else None, answered)


def to_api(visit: Visit, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> Scope:
    """The scope of a request to the API's `path` by who visits."""
    address, _, query = path.partition("?")
    return {
        **{name: value for name, value in visit.request.scope.items() if name not in _OF_THE_PAGE},
        "method": method,
        "path": f"{API_PREFIX}{address}",
        "raw_path": f"{API_PREFIX}{address}".encode(),
        "query_string": query.encode(),
        "headers": headers,
        "state": {},
    }


_OF_THE_PAGE = frozenset({"route", "endpoint", "path_params", "router", "fastapi_inner_astack", "headers", "state"})
