"""The load of orders: five lines of counted goods each, placed until their stock is reserved."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Series
from bench.mail import Outbox
from bench.product import PREFIX, connections, in_time, log_in

PLACE_ORDER = "POST /orders, 5 lines"

_LINES = 5
_PIECES = 1_000_000


class Shop:
    """A customer who orders and an administrator who has filled the house, by their tokens."""

    def __init__(self, opened: Sequence[HttpConnection], customer: str, admin: str) -> None:
        self._connections, self._customer, self._admin = opened, customer, admin
        self._placed: list[str] = []
        self._place = b""

    def series(self, at_a_time: Sequence[int], outbox: Outbox) -> list[Series]:
        """What to measure, with each number of clients. An order is done with when its invoice is issued and mailed:
        what is measured next does not pay for it."""
        return [Series(PLACE_ORDER, clients, self.place, outbox.quiet) for clients in at_a_time]

    async def open(self) -> None:
        """Fills the house, and has nobody look at orders first. Raises UnexpectedAnswer."""
        await self._set(validate_direct=False)
        lines = [{"product_id": await self._product(), "quantity": 1} for _ in range(_LINES)]
        self._place = request("POST", f"{PREFIX}/orders", token=self._customer, body={"lines": lines})

    async def place(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._place)
        if status == HTTPStatus.CREATED:
            order = json.loads(body)
            self._placed.append(order["id"])
            return bool(order["stock"] == "reserved")
        return in_time(status, HTTPStatus.CREATED, PLACE_ORDER, body)

    async def close(self) -> None:
        """Cancels every order that was placed, so that none of them falls due later."""
        leaving = iter(self._placed)

        async def cancel(client: int) -> bool:
            path = f"{PREFIX}/orders/{next(leaving)}/cancel"
            asked = request("POST", path, token=self._admin, body={"reason": "Measured."})
            status, body = await self._connections[client].ask(asked)
            return in_time(status, HTTPStatus.OK, "cancelling an order", body)

        await Series("cancel", len(self._connections), cancel).go_on(len(self._placed))
        await self._set(validate_direct=True)

    async def _product(self) -> str:
        body = {"sku": f"bench-{uuid4().hex}", "name": "Benchmark", "unit_price": 100, "stock_tracked": True}
        product = await self._ask("POST", "/products", body | {"visible": True}, HTTPStatus.CREATED)
        came = {"quantity": _PIECES, "reason": "For the benchmark"}
        await self._ask("POST", f"/products/{product['id']}/stock/movements", came, HTTPStatus.CREATED)
        return str(product["id"])

    async def _set(self, **orders: Any) -> None:
        await self._ask("PATCH", "/settings", {"orders": orders}, HTTPStatus.OK)

    async def _ask(self, method: str, path: str, body: dict[str, Any], expected: HTTPStatus) -> Any:
        asked = request(method, f"{PREFIX}{path}", token=self._admin, body=body)
        status, answer = await self._connections[0].ask(asked)
        if status != expected:
            raise UnexpectedAnswer(f"{path} was answered with {status}: {answer[:300].decode(errors='replace')}")
        return json.loads(answer)


@asynccontextmanager
async def shop_load(host: str, port: int, tenant: str, password: str, clients: int) -> AsyncIterator[Shop]:
    """A shop with so many clients during the block, in a tenant of the demo. Raises as `product_load`."""
    async with connections(host, port, clients) as opened:
        customer = await log_in(opened[0], f"client@{tenant}.example", password)
        shop = Shop(opened, customer, await log_in(opened[0], f"admin@{tenant}.example", password))
        await shop.open()
        yield shop
        await shop.close()
