"""Steps of the tests: one series of bookings, over HTTP."""

from datetime import datetime
from typing import Any

from tests.workflows.bookings.desk import Json
from tests.workflows.world import Life, World, eventually


class SeriesLife(Life):
    kind = "booking_series"
    path = "/booking-series/{}"

    async def bookings(self, **wanted: Any) -> list[Json]:
        """Its bookings, in order."""
        query = {"series_id": self.id, "sort": "starts_at", "limit": 200, **wanted}
        return (await (await self.world.person("agent")).get("/bookings", params=query)).json()["items"]

    async def has(self, count: int, **wanted: Any) -> list[Json]:
        """So many bookings, once they have been opened."""
        return await eventually(lambda: self.bookings(**wanted), lambda bookings: len(bookings) == count)

    async def skipped(self) -> list[Json]:
        return (await (await self.world.person("agent")).get(f"{self.url}/skipped")).json()["items"]

    async def cancelled(self, from_position: int = 1) -> None:
        answer = await self.does("client", "cancel", reason="Canary", from_position=from_position)
        assert answer.status_code == 200, answer.text


async def asks(world: World, of: Json, at: datetime, rule: str, **given: Any) -> Any:
    body = {"service_id": of["id"], "start": at.isoformat(), "rule": rule, **given}
    return await (await world.person("client")).post("/booking-series", json=body)


async def recurs(world: World, of: Json, at: datetime, rule: str, **given: Any) -> SeriesLife:
    answer = await asks(world, of, at, rule, **given)
    assert answer.status_code == 201, answer.text
    return SeriesLife(world, answer.json())
