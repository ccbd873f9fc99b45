"""Visitors of the running stack's pages."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

import pytest

from tests.stack.running_stack import RunningStack
from tests.web.logins import login_of, new_login
from tests.web.visitor import Visitor


class Arrive(Protocol):
    """Brings a visitor."""

    def __call__(self, email: str = "", language: str = "en", *, anew: bool = False) -> Awaitable[Visitor]: ...


@pytest.fixture
async def arrive(stack: RunningStack) -> AsyncIterator[Arrive]:
    """Somebody with a browser of their own, in English or the language that is asked for, who has logged in; without an
    address, nobody. Those who are to arrive `anew` have a session that nobody else has."""
    visitors: list[Visitor] = []

    async def one_more(email: str = "", language: str = "en", *, anew: bool = False) -> Visitor:
        visitor = Visitor(stack.address, **{"Accept-Language": language})
        visitors.append(visitor)
        if email:
            login = await (new_login if anew else login_of)(stack.address, email)
            visitor.client.cookies, visitor.token = login.cookies, login.token
        return visitor

    yield one_more
    for visitor in visitors:
        await visitor.close()
