"""How long it takes to see when a service can be booked, and to book it: 31 days of one service, over twenty people."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import count
from uuid import UUID

from bench.cpu import ReadCpu
from bench.http_connection import HttpConnection, request
from bench.load import Figure, Series, measure
from bench.product import PREFIX, connections, in_time, log_in

TENANT = "bench-bookings"
"""The slug of the tenant that is booked."""
MEMBERS, DAYS = 20, 31
TAKEN, TAKEN_ELSEWHEN = 2_000, 200_000

BOOK = "POST /bookings"
FEW = f"availability, {DAYS} days, {MEMBERS} people, {TAKEN:,} places taken"
MANY = f"the same, and {TAKEN_ELSEWHEN:,} on other days"

_STARTS_A_DAY, _BETWEEN = 16, timedelta(minutes=30)


@dataclass(frozen=True)
class Salon:
    """What is booked: a service of half an hour that opens at nine (UTC), from its first day on; and for whom."""

    tenant_id: UUID
    service_id: UUID
    member_ids: Sequence[UUID]
    customer_id: UUID
    first_day: datetime

    def start(self, number: int) -> datetime:
        """The start of that number, counted from the opening of the first day."""
        day, place = divmod(number, _STARTS_A_DAY)
        return self.first_day + timedelta(days=day, hours=9) + place * _BETWEEN


class Desk:
    """Somebody who books for a customer, over so many connections."""

    def __init__(self, opened: Sequence[HttpConnection], token: str, salon: Salon) -> None:
        self._connections, self._token, self._salon = opened, token, salon
        self._starts = count()
        self._booked: list[str] = []

    def booking(self, at_a_time: Sequence[int]) -> list[Series]:
        """What to measure of booking, with each number of clients: all of the same people's time, one place each."""
        return [Series(BOOK, clients, self.book) for clients in at_a_time]

    async def book(self, client: int) -> bool:
        start = self._salon.start(next(self._starts) // MEMBERS)
        body = {"service_id": str(self._salon.service_id), "start": start.isoformat()}
        asked = body | {"customer_id": str(self._salon.customer_id)}
        booking = request("POST", f"{PREFIX}/bookings", token=self._token, body=asked)
        status, answer = await self._connections[client].ask(booking)
        if in_time(status, HTTPStatus.CREATED, BOOK, answer):
            self._booked.append(json.loads(answer)["id"])
            return True
        return False

    async def look(self, client: int) -> bool:
        since, until = self._salon.first_day, self._salon.first_day + timedelta(days=DAYS)
        path = f"{PREFIX}/availability?service_id={self._salon.service_id}&from={since:%Y-%m-%dT%H:%M:%SZ}"
        asked = request("GET", f"{path}&to={until:%Y-%m-%dT%H:%M:%SZ}", token=self._token)
        status, body = await self._connections[client].ask(asked)
        return in_time(status, HTTPStatus.OK, "availability", body)

    async def give_back(self) -> None:
        """Cancels all that was booked."""
        leaving = iter(self._booked)

        async def cancel(client: int) -> bool:
            path = f"{PREFIX}/bookings/{next(leaving)}/cancel"
            asked = request("POST", path, token=self._token, body={"reason": "Measured."})
            status, body = await self._connections[client].ask(asked)
            return in_time(status, HTTPStatus.OK, "cancelling a booking", body)

        await Series("cancel", len(self._connections), cancel).go_on(len(self._booked))


@asynccontextmanager
async def desk_of(host: str, port: int, password: str, salon: Salon, clients: int) -> AsyncIterator[Desk]:
    """Somebody who books there during the block. Raises as `product_load`."""
    async with connections(host, port, clients) as opened:
        desk = Desk(opened, await log_in(opened[0], f"agent@{TENANT}.example", password), salon)
        yield desk
        await desk.give_back()


async def measure_availability(desk: Desk, name: str, requests: int, cpu: ReadCpu) -> list[Figure]:
    """The figure of looking when the service can be booked, one client at a time."""
    return await measure([Series(name, 1, desk.look)], requests, cpu)
