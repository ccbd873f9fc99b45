"""What every page's answer carries: the cookies that it sets, and what the browser may do with it."""

import gzip
from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.route_names import API_PREFIX

_WORTH_COMPRESSING = 1024


class Cookies:
    """The cookies that an answer sets, known to the request as `request.state.cookies`."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._set: dict[str, str] = {}

    def name(self, cookie: str) -> str:
        """What the cookie is called. Over https the name binds it to this host (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{cookie}" if self._secure else f"casewright-{cookie}"

    def set(self, cookie: str, value: str, seconds: int) -> None:
        """Has the browser keep the cookie; for no seconds, forget it."""
        jar: SimpleCookie = SimpleCookie()
        name = self.name(cookie)
        jar[name] = value
        jar[name]["path"], jar[name]["samesite"], jar[name]["max-age"] = "/", "Lax", str(seconds)
        jar[name]["httponly"], jar[name]["secure"] = True, self._secure
        self._set[name] = jar[name].OutputString()

    def lines(self) -> list[str]:
        """The `Set-Cookie` headers."""
        return list(self._set.values())


class Pages:
    """Adds to answers of pages what they all carry, and compresses them."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{API_PREFIX}/"):
            await self._app(scope, receive, send)
            return
        cookies = scope.setdefault("state", {})["cookies"] = Cookies(secure=self._secure)
        packs = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        held: Message | None = None

        async def send_as_page(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for line in cookies.lines():
                    headers.append("set-cookie", line)
                if packs and headers.get("content-type", "").startswith("text/html"):
                    held = message
                    return
            elif held is not None:
                start, held = held, None
                message = _packed(start, message)
                await send(start)
            await send(message)

        await self._app(scope, receive, send_as_page)


def _packed(start: Message, message: Message) -> Message:
    """A page is sent in one piece, so that it can be compressed as one. No secret is told by its length: tokens of
    forms are masked anew in each (BREACH)."""
    body = message.get("body", b"")
    if message.get("more_body") or len(body) < _WORTH_COMPRESSING:
        return message
    packed = gzip.compress(body, 4, mtime=0)
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(packed))
    return {**message, "body": packed}
