"""Whom errands deal with: does each stage once, undoes what was done, and does nothing that was undone already."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from tests.workflows.parts.errand import Deal

Place = tuple[str, str]
"""A deed, `do` or `undo`, and the stage that it is about."""


class Shop:
    """`before` and `after` are what happens at a place, once; `declines` says no there for good, `away` does so as long
    as anybody asks."""

    def __init__(self) -> None:
        self.deals: dict[UUID, list[Place]] = defaultdict(list)
        self.before: dict[Place, Callable[[], Awaitable[None]]] = {}
        self.after: dict[Place, Callable[[], Awaitable[None]]] = {}
        self.declines: set[Place] = set()
        self.away: set[Place] = set()
        self.activities = [self.do, self.undo]

    @activity.defn(name="errand.do")
    async def do(self, deal: Deal) -> None:
        await self._deal("do", deal)

    @activity.defn(name="errand.undo")
    async def undo(self, deal: Deal) -> None:
        await self._deal("undo", deal)

    async def _deal(self, deed: str, deal: Deal) -> None:
        place = (deed, deal.stage)
        if happens := self.before.pop(place, None):
            await happens()
        if place in self.declines:
            raise ApplicationError("No.", type=f"{deal.stage}_declined", non_retryable=True)
        if place in self.away:
            raise ApplicationError("Come again.", type=f"{deal.stage}_away")
        self.take(deal.errand_id, place)
        if happens := self.after.pop(place, None):
            await happens()

    def take(self, errand_id: UUID, place: Place) -> None:
        """A payment of an order that was cancelled is not taken, and one that was taken is not taken again."""
        deals = self.deals[errand_id]
        if place not in deals and ("undo", place[1]) not in deals:
            deals.append(place)
