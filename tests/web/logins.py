"""Logins that several visitors share: each costs the drawing of two pages, which nobody looks at."""

import time
from dataclasses import dataclass

import httpx2

from tests.web.visitor import Visitor

SERVE_FOR_SECONDS = 600
"""Each visitor renews a session without telling others when its access ends, which is later."""


@dataclass(frozen=True)
class Login:
    """What a browser keeps of it, and what proves that a form is of its pages."""

    since: float
    cookies: httpx2.Cookies
    token: str


_logins: dict[tuple[str, str], Login] = {}


async def login_of(address: str, email: str) -> Login:
    """The login of a demo person, who logs in by the page when none is there that still serves."""
    known = _logins.get((address, email))
    if known is None or time.monotonic() - known.since > SERVE_FOR_SECONDS:
        known = _logins[address, email] = await new_login(address, email)
    return known


async def new_login(address: str, email: str) -> Login:
    """A login that nobody else has."""
    visitor = Visitor(address)
    page = await visitor.log_in(email)
    assert page.status == 200, page.text
    await visitor.close()
    return Login(time.monotonic(), visitor.client.cookies, visitor.token)
