"""Has a case begin in the engine that is there in the database already."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from domain.cases import BeginCase


class BeginActivities:
    """`begin` starts the workflow of a case from its row, unless it runs already."""

    def __init__(self, begin: Callable[[BeginCase], Awaitable[None]]) -> None:
        self._begin = begin

    @activity.defn(name="cases.begin")
    async def begin(self, case: BeginCase) -> None:
        """Starts the workflow; it changes nothing to do so twice."""
        await self._begin(case)
