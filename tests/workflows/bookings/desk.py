"""Steps of the tests: services, who does them, and one booking over HTTP, while time is skipped."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from uuid_utils.compat import uuid7

from models.people import Account
from models.services import TeamMember, TeamMemberService
from tests.workflows.world import Life, World, eventually

Json = dict[str, Any]
A_DAY, AN_HOUR, A_MINUTE, A_SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
ALWAYS = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]


async def service(world: World, members: int = 1, **given: Any) -> Json:
    """A new service of an hour, round the clock in UTC, and so many new people who do it."""
    admin = await world.person("admin")
    body = {
        "name": f"Canary {uuid.uuid4().hex[:10]}",
        "timezone": "UTC",
        "duration_minutes": 60,
        "windows": ALWAYS,
        "observes_holidays": False,
        "base_price": 5_000,
        "booking_types": ["standard", "recurring", "emergency"],
        **given,
    }
    made = await admin.post("/services", json=body)
    assert made.status_code == 201, made.text
    for _ in range(members):
        await team_member(world, made.json()["id"])
    return made.json()


async def team_member(world: World, *services: str, **given: Any) -> str:
    """Somebody new who does these services, round the clock in UTC."""
    tenant_id = UUID((await (await world.person("admin")).get("/me")).json()["tenant"]["id"])
    account, member = uuid7(), uuid7()
    windows = [{"weekday": day, "opens": 0, "closes": 1440} for day in range(7)]
    async with world.database.transaction(tenant_id, account_id=account) as session:
        session.add(Account(id=account, email=f"{account}@team.example", full_name="Canary"))
        await session.flush()
        columns = {"name": "Canary", "timezone": "UTC", "windows": windows, **given}
        session.add(TeamMember(id=member, tenant_id=tenant_id, account_id=account, **columns))
        await session.flush()
        for each in services:
            session.add(TeamMemberService(tenant_id=tenant_id, team_member_id=member, service_id=UUID(each)))
    return str(member)


async def slot(ahead: timedelta, world: World) -> datetime:
    """The next full hour so far ahead."""
    at = await world.now() + ahead
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + AN_HOUR


class BookingLife(Life):
    kind = "booking"
    path = "/bookings/{}"

    async def done(self, who: str, command: str, **body: Any) -> Json:
        """Somebody's command, which must be taken."""
        answer = await (await self.world.person(who)).post(f"{self.url}/{command}", json=body or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, who: str, command: str, code: str, **body: Any) -> Json:
        """Somebody's command, which must be refused with this code."""
        answer = await (await self.world.person(who)).post(f"{self.url}/{command}", json=body or None)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
        return answer.json()

    async def letters(self, count: int) -> list[Any]:
        """The mails about the booking, once there are as many."""

        async def look() -> list[Any]:
            return self.world.postbox.letters(self.number)

        return await eventually(look, lambda mails: len(mails) >= count)

    async def task(self) -> Json:
        """Its pending task."""
        return (await eventually(lambda: self.tasks(status="pending"), bool))[0]

    async def decided(self, decision: str) -> httpx2.Response:
        """Its task, decided by a manager."""
        body = {"decision": decision} | ({"reason": "Canary reason"} if decision == "reject" else {})
        path = f"/reviews/{(await self.task())['id']}/decision"
        return await (await self.world.person("manager")).post(path, json=body)


async def asks(world: World, of: Json, at: datetime, by: str = "agent", **given: Any) -> httpx2.Response:
    """A booking of a service at this time: staff book for acme's client, and may hold as many places as they like."""
    whose = {} if by.startswith("client") else {"customer_id": await client_of(world)}
    body = {"service_id": of["id"], "start": at.isoformat(), **whose, **given}
    return await (await world.person(by)).post("/bookings", json=body)


async def client_of(world: World) -> str:
    """The customer that acme's client speaks for."""
    customer: str = (await (await world.person("client")).get("/me")).json()["customer"]["id"]
    return customer


async def books(world: World, of: Json, at: datetime, by: str = "agent", **given: Any) -> BookingLife:
    """A booking that must be taken; it is held."""
    answer = await asks(world, of, at, by, **given)
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "held"
    return BookingLife(world, answer.json())


def ended(history: Any) -> bool:
    """Whether a workflow has come to its end."""
    return bool(history.events[-1].HasField("workflow_execution_completed_event_attributes"))
