"""Visitors of the running stack's pages."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

import pytest

from tests.stack.running_stack import RunningStack
from tests.web.visitor import Visitor


class Arrive(Protocol):
    """Brings a visitor."""

    def __call__(self, email: str = "", language: str = "en", *, anew: bool = False) -> Awaitable[Visitor]: ...


@pytest.fixture(scope="session")
def inside() -> dict[str, Visitor]:
    """Who has logged in already, by address."""
    return {}


@pytest.fixture
async def arrive(stack: RunningStack, inside: dict[str, Visitor]) -> AsyncIterator[Arrive]:
    """Somebody with a browser of their own, in English or the language that is asked for, who logs in; without an
    address, nobody. Each person logs in once, and then goes on with that session, unless it is to be `anew`."""
    visitors: list[Visitor] = []

    async def one_more(email: str = "", language: str = "en", *, anew: bool = False) -> Visitor:
        visitor = Visitor(stack.address, **{"Accept-Language": language})
        visitors.append(visitor)
        if email in inside and not anew:
            visitor.go_on_as(inside[email])
        elif email:
            page = await visitor.log_in(email)
            assert page.status == 200, page.text
            if not anew:
                inside[email] = Visitor(stack.address)
                inside[email].go_on_as(visitor)
        return visitor

    yield one_more
    for visitor in visitors:
        await visitor.close()
