"""The one way in which tests wait: asking again until the answer is yes, for a bounded time."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def eventually(ask: Callable[[], Any], what: str, *, within: float = 30.0, every: float = 0.05) -> Any:
    """The first truthy answer of `ask`, which may be a coroutine function.

    Looks again after `every` seconds at first, later after a tenth of the time that has passed. Fails the test after
    `within` seconds, naming `what` was awaited.
    """
    since = time.monotonic()
    while True:
        answer = ask()
        answer = await answer if inspect.isawaitable(answer) else answer
        if answer:
            return answer
        waited = time.monotonic() - since
        if waited > within:
            raise AssertionError(f"not within {within:.0f} s: {what} (the last answer was {answer!r})")
        await asyncio.sleep(max(every, min(waited / 10, 1.0)))
