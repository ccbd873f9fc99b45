"""Mail gives way: deciding about what has come waits for mails that are still fetched, since what is kept is safe, and
both wait for what people do, who look at their screens meanwhile."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

MANY = 16
"""So many mails are in hand at once when nobody else wants anything."""
FEW = 2
"""So many while somebody does: mail goes on, and whoever comes next finds the house nearly free."""
_ATTENDED_SECONDS = 1.0
"""For so long after a command its sender is expected to send another."""
_FETCHED_SECONDS = 0.5
"""For so long after some mails were kept, of which the server has more, the next are expected."""


class GivingWay:
    """What one process knows of who else has something to do."""

    def __init__(self) -> None:
        self._until = float("-inf")
        self._turns: set[InHand] = set()
        self._ours: set[UUID] = set()

    def fetched(self) -> None:
        """Mails were kept, and more are to come."""
        self._give_way_for(_FETCHED_SECONDS)

    @contextmanager
    def carries(self, command_id: UUID) -> Iterator[None]:
        """What a mail asks of a ticket during the block is not somebody's who waits for it."""
        self._ours.add(command_id)
        try:
            yield
        finally:
            self._ours.discard(command_id)

    def command_taken(self, command_id: UUID) -> None:
        """A command was carried out: of a person, unless `carries` knows it."""
        if command_id in self._ours:
            return
        self._give_way_for(_ATTENDED_SECONDS)

    @contextmanager
    def turn(self) -> Iterator["InHand"]:
        """The places for the mails of one mailbox; those of all share what there is."""
        turn = InHand(self)
        self._turns.add(turn)
        try:
            yield turn
        finally:
            self._turns.discard(turn)
            self._let_in()

    @property
    def places(self) -> int:
        """How many mails each mailbox may have in hand now."""
        return max(1, (FEW if time.monotonic() < self._until else MANY) // max(1, len(self._turns)))

    def _give_way_for(self, seconds: float) -> None:
        self._until = max(self._until, time.monotonic() + seconds)
        asyncio.get_running_loop().call_later(seconds * 1.01, self._let_in)

    def _let_in(self) -> None:
        for turn in self._turns:
            turn.let_in()


class InHand:
    """The mails of one mailbox that are read ahead or decided about, as many at once as there are places."""

    def __init__(self, way: GivingWay) -> None:
        self._way = way
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Waits for a place, in turn."""
        if not self._waiting and self._taken < self._way.places:
            self._taken += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        """Gives a place back that was taken."""
        self._taken -= 1
        self.let_in()

    def let_in(self) -> None:
        """Gives free places to those who wait longest."""
        while self._waiting and self._taken < self._way.places:
            place = self._waiting.popleft()
            if not place.done():
                self._taken += 1
                place.set_result(None)
