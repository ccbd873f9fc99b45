"""Two facts about the current request that all code can ask for: its correlation id, the same from the first log line
to the last mail, and the address it came from."""

import hmac
from collections.abc import Sequence
from contextvars import ContextVar
from ipaddress import IPv4Network, IPv6Network
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from api.http.forwarded import UNKNOWN, real_address

HEADER = "X-Correlation-Id"

_current: ContextVar[str] = ContextVar("correlation_id")
_address: ContextVar[str | None] = ContextVar("client_address", default=None)


def correlation_id() -> str:
    """The id of the request that is being answered."""
    return _current.get()


def client_address() -> str | None:
    """The address of the client that is being answered: the real one when a trusted proxy passed the request on."""
    return _address.get()


class Correlation:
    """Takes the caller's `X-Correlation-Id` when it is a UUID, makes one where there is none, and returns it.

    Any other text may be somebody's name or address, and the id travels as far as the engine. So such text is replaced
    by a digest, always the same for the same text; without the `key` nobody can find the text by trying.
    """

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[IPv4Network | IPv6Network], *, key: bytes) -> None:
        self._app = app
        self._trusted_proxies = trusted_proxies
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER)
        ident = self._taken(given) if given else str(uuid7())
        _current.set(ident)
        hops = [hop.strip() for value in headers.getlist("x-forwarded-for") for hop in value.split(",")]
        client = scope.get("client")
        _address.set(real_address(client[0] if client else UNKNOWN, hops, self._trusted_proxies))
        structlog.contextvars.bind_contextvars(correlation_id=ident)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = ident
            await send(message)

        await self._app(scope, receive, send_with_id)

    def _taken(self, given: str) -> str:
        try:
            return str(UUID(given))
        except ValueError:
            return hmac.digest(self._key, given.encode(), "sha256").hex()[:32]
