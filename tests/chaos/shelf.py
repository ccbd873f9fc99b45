"""Orders of acme that stand in each stage of their story while everything is killed around them; then they go on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2

from tests.chaos.faults import Fault, Scene
from tests.chaos.hands import Hands
from tests.e2e.desk import new_key
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.waiting import eventually
from tests.workflows.orders.receiver import Receiver

PIECES = 2
"""Of the chair, in each order."""


class Shelf(Hands):
    """Two orders for each stage: `first` are to be delivered, `second` to be cancelled. One for each way to be undone.

    `receiver` is acme's own system, which fulfils some of them. Orders are told by their paths.
    """

    def __init__(self, customer: httpx2.AsyncClient, admin: httpx2.AsyncClient, receiver: Receiver) -> None:
        super().__init__(admin, Ledger())
        self._customer, self._receiver = customer, receiver
        self.by_staff: list[tuple[str, str]] = []
        self.called_out: tuple[str, str] = ("", "")
        self.unwinding = ""
        self.taken_back = ""

    @classmethod
    async def filled(cls, people: People, receiver: Receiver) -> "Shelf":
        """With an order in each stage; those that the receiver is called for have no answer yet."""
        shelf = cls(await people.log_in("client@acme.example"), await people.log_in("admin@acme.example"), receiver)
        await shelf._fill()
        return shelf

    @property
    def ledger(self) -> Ledger:
        """What was answered."""
        return self._ledger

    @property
    def orders(self) -> list[str]:
        """All of them."""
        return [
            *(order for pair in self.by_staff for order in pair),
            *self.called_out,
            self.unwinding,
            self.taken_back,
        ]

    async def _fill(self) -> None:
        self.chair = await self._product(stock_tracked=True)
        scarce = {"sku": new_key()[:20], "name": "Lamp", "unit_price": 100, "stock_tracked": True}
        self.scarce = str((await self._made("products", json=scarce | {"out_of_stock": "backorder"}))["id"])
        looked_at = (self._looked_at,)
        paid = (*looked_at, self._paid, self._begun)
        *self.by_staff, self.unwinding = await asyncio.gather(
            self._pair(self.chair),
            self._pair(self.scarce, *looked_at, self._waits_for_stock),
            self._pair(self.chair, *looked_at, self._invoiced),
            self._pair(self.chair, *paid, self._half_done),
            self._one(self.chair, *paid, self._half_done, self._cancelled),
        )
        webhook = await self._admin.put("settings/fulfilment-webhook", json={"url": self._receiver.url})
        assert webhook.status_code == 200, webhook.text
        self.taken_back = await self._one(self.chair, *paid, self._fulfilled)
        self._receiver.answers = "never"
        asked = len(self._receiver.asked)
        await self._cancelled(self.taken_back)
        self.called_out = await self._pair(self.chair, *paid)
        await eventually(lambda: len(self._receiver.asked) >= asked + 3, "the receiver is called, and called to undo")

    async def _pair(self, product_id: str, *stages: Callable[[str], Awaitable[object]]) -> tuple[str, str]:
        first, second = await asyncio.gather(self._one(product_id, *stages), self._one(product_id, *stages))
        return first, second

    async def _one(self, product_id: str, *stages: Callable[[str], Awaitable[object]]) -> str:
        body = {"lines": [{"product_id": product_id, "quantity": PIECES}]}
        order = f"orders/{await self._begin(self._customer, 'orders', body)}"
        for stage in stages:
            await stage(order)
        return order

    async def _waits_for_stock(self, order: str) -> None:
        await self._until(order, lambda row: row["stock"] == "waiting")

    async def _invoiced(self, order: str) -> None:
        await self._until(order, lambda row: row["invoice"] == "issued")

    async def _begun(self, order: str) -> None:
        await self._until(order, lambda row: row["status"] == "in_progress")

    async def _fulfilled(self, order: str) -> None:
        await self._until(order, lambda row: row["lines"][0]["status"] == "fulfilled")

    async def _half_done(self, order: str) -> None:
        await self._decided(order, "fulfilment", "line 1")

    async def _cancelled(self, order: str) -> None:
        await self._do(self._admin, f"{order}/cancel", {"reason": "Changed my mind"})

    def answers_after(self, fault: Fault) -> Fault:
        """The fault, and from then on the receiver does what it is asked."""

        @asynccontextmanager
        async def strike(scene: Scene) -> AsyncIterator[None]:
            async with fault.strikes(scene):
                self._receiver.answers = "well"
                yield

        return replace(fault, strikes=strike)

    async def clear(self) -> None:
        """Every order goes on to its end, first those that the receiver has to do with."""
        await self._comes(self.scarce, 2 * PIECES)
        called, dropped = self.called_out
        await asyncio.gather(self._goes_on(called), *map(self._taken_back, (dropped, self.taken_back)))
        assert (await self._admin.delete("settings/fulfilment-webhook")).status_code == 204
        await asyncio.gather(
            *(self._goes_on(first) for first, _ in self.by_staff),
            *(self._given_up(second) for _, second in self.by_staff),
            self._undone(self.unwinding),
        )

    async def _taken_back(self, order: str) -> None:
        if order != self.taken_back:
            await self._cancelled(order)
        await self._undone(order, by_hand=False)

    async def _given_up(self, order: str) -> None:
        await self._cancelled(order)
        await self._undone(order)

    async def _goes_on(self, order: str) -> None:
        row = await self._read(self._admin, order)
        if row["status"] == "request":
            await self._looked_at(order)
        if row["invoice"] != "paid":
            await self._paid(order)
        await self._begun(order)
        if order not in self.called_out and row["lines"][0]["status"] != "fulfilled":
            await self._half_done(order)
        await self._fulfilled(order)
        await self._do(self._admin, f"{order}/deliver", {"proof": "Seen"})

    async def left(self) -> list[str]:
        """What does not balance to nothing, once it is cleared."""
        sold = {self.chair: PIECES * len(self.by_staff), self.scarce: PIECES}
        begun_with = {self.chair: 1_000_000, self.scarce: 2 * PIECES}
        found = []
        for product_id, pieces in sold.items():
            (stock,) = await self._read(self._admin, f"products/{product_id}/stock")
            if (stock["on_hand"], stock["reserved"]) != (begun_with[product_id] - pieces, 0):
                found.append(f"stock {stock}, sold {pieces}")
        ids = {order.partition("/")[2] for order in self.orders}
        waiting = await self._read(self._admin, "reviews", status="pending", sort="-opened_at", limit=200)
        found += [f"task {task['kind']}" for task in waiting["items"] if task["case"]["id"] in ids]
        fulfilled = await self._read(self._admin, self.called_out[0])
        if self._receiver.open_lines != {line["id"] for line in fulfilled["lines"]}:
            found.append(f"the receiver believes in {self._receiver.open_lines}")
        return found
