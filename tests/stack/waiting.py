"""The one way in which tests wait: asking again until the answer is yes, for a bounded time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], T | Awaitable[T]], what: str, *, within: float = 30.0, every: float = 0.05) -> T:
    """The first truthy answer of `ask`. Fails the test, naming `what` was awaited, after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        answer = await answer if inspect.isawaitable(answer) else answer
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what} (the last answer was {answer!r})")
        await asyncio.sleep(every)
