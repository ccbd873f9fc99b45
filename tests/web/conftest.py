"""Visitors of the running stack's pages."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.stack.running_stack import RunningStack
from tests.web.visitor import Visitor

Arrive = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
async def arrive(stack: RunningStack) -> AsyncIterator[Arrive]:
    """Somebody with a browser of their own, who logs in; without an address, nobody."""
    visitors: list[Visitor] = []

    async def one_more(email: str = "") -> Visitor:
        visitor = Visitor(stack.address)
        visitors.append(visitor)
        if email:
            page = await visitor.log_in(email)
            assert page.status == 200, page.text
        return visitor

    yield one_more
    for visitor in visitors:
        await visitor.close()
