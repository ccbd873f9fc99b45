"""Has the next be made ready while one works on what there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def ahead(source: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """The same items, of which one is always asked for already. Whatever `source` raises is raised in its turn; what it
    is about when the block ends is cancelled."""
    asked = asyncio.create_task(_next(source))

    async def items() -> AsyncIterator[T]:
        nonlocal asked
        while found := await asked:
            asked = asyncio.create_task(_next(source))
            yield found[0]

    try:
        yield items()
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)


async def _next(source: AsyncIterator[T]) -> tuple[T] | None:
    try:
        return (await anext(source),)
    except StopAsyncIteration:
        return None
