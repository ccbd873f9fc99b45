"""Steps of the tests: one invoice over HTTP, while time is skipped."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

from tests.workflows.world import Life, World, eventually

Json = dict[str, Any]
LINES: list[Json] = [{"name": "Canary line", "quantity": "2.5", "unit_price": 10_000}]
"""250.00 with the usual tax of 19 %: 297.50."""
TOTAL = 297_50
SOME_DAYS = timedelta(days=5)


async def write_invoice(world: World, by: str = "manager", customer: str = "client", **given: Any) -> "InvoiceLife":
    """A new draft for one of acme's customers."""
    me = (await (await world.person(customer)).get("/me")).json()
    body = {"customer_id": me["customer"]["id"], "lines": LINES, "notes": "Canary notes", **given}
    answer = await (await world.person(by)).post("/invoices", json=body)
    assert answer.status_code == 201, answer.text
    return InvoiceLife(world, answer.json())


class InvoiceLife(Life):
    kind = "invoice"
    path = "/invoices/{}"

    def __init__(self, world: World, opened: Json) -> None:
        super().__init__(world, opened)
        self.draft_number = self.number

    async def done(self, who: str, command: str, **body: Any) -> Json:
        """Somebody's command, which must be taken."""
        answer = await (await self.world.person(who)).post(f"{self.url}/{command}", json=body or None)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def refused(self, who: str, command: str, code: str, **body: Any) -> None:
        """Somebody's command, which must be refused with this code."""
        answer = await (await self.world.person(who)).post(f"{self.url}/{command}", json=body or None)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text

    async def issued(self, *, sent: bool = True) -> Json:
        """Issued, and sent."""
        row = await self.done("manager", "issue")
        self.number = row["number"]
        return await self.done("manager", "send") if sent else row

    async def pays(self, amount: int, **given: Any) -> httpx2.Response:
        """A payment that the manager records."""
        now = await self.world.now(self.case)
        body = {"amount": amount, "method": "bank_transfer", "paid_at": now.isoformat(), "reference": "Canary", **given}
        return await (await self.world.person("manager")).post(f"{self.url}/payments", json=body)

    async def paid(self, amount: int, **given: Any) -> Json:
        """A payment, which must be taken."""
        answer = await self.pays(amount, **given)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def passes(self, duration: timedelta) -> None:
        """Time goes by, some days at a time: little falls due in each."""
        while duration > timedelta(0):
            await self.world.pass_time(self.case, min(duration, SOME_DAYS))
            duration -= SOME_DAYS

    async def payments(self) -> list[Json]:
        """Those that count."""
        return (await (await self.world.person("manager")).get(f"{self.url}/payments")).json()["items"]

    async def days_after_due(self, days: float) -> None:
        """Time goes by until so long after the term of payment."""
        due_at = datetime.fromisoformat((await self.read())["due_at"])
        await self.passes(due_at + timedelta(days=days) - await self.world.now(self.case))

    async def events(self, kind: str) -> list[Json]:
        """The events of a kind."""
        events = (await (await self.world.person("agent")).get(f"{self.url}/timeline?limit=200")).json()["items"]
        return [event for event in events if event["kind"] == kind]

    async def task(self, kind: str) -> Json:
        """The pending task of the invoice."""
        return (await eventually(lambda: self.tasks(status="pending", kind=kind), bool))[0]
