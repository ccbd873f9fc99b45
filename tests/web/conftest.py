"""Visitors of the running stack's pages."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

import pytest

from tests.stack.running_stack import RunningStack
from tests.web.visitor import Visitor


class Arrive(Protocol):
    """Brings a visitor."""

    def __call__(self, email: str = "", language: str = "en") -> Awaitable[Visitor]: ...


@pytest.fixture
async def arrive(stack: RunningStack) -> AsyncIterator[Arrive]:
    """Somebody with a browser of their own, in English or the language that is asked for, who logs in; without an
    address, nobody."""
    visitors: list[Visitor] = []

    async def one_more(email: str = "", language: str = "en") -> Visitor:
        visitor = Visitor(stack.address, **{"Accept-Language": language})
        visitors.append(visitor)
        if email:
            page = await visitor.log_in(email)
            assert page.status == 200, page.text
        return visitor

    yield one_more
    for visitor in visitors:
        await visitor.close()
