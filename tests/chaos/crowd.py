"""People who use the stack while faults happen: each begins a case, sees it through, and begins the next."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import httpx2

from tests.chaos.hands import Hands
from tests.e2e.desk import Json
from tests.e2e.findings import Finding, Harm
from tests.e2e.kyc_desk import PDF
from tests.e2e.ledger import Ledger
from tests.e2e.quotes import LINES
from tests.stack.people import People

_STATUSES = ("in_progress", "on_hold", "waiting_for_response")
_PRIORITIES = ("low", "medium", "high")

Asked = tuple[httpx2.AsyncClient, str, Json]


@dataclass(frozen=True)
class Those:
    """Those of globex who act: a customer, and those who work for it."""

    customer: httpx2.AsyncClient
    agent: httpx2.AsyncClient
    admin: httpx2.AsyncClient
    reviewer: httpx2.AsyncClient

    @classmethod
    async def of(cls, people: People) -> "Those":
        """Logged in."""
        names = ("client", "agent", "admin", "reviewer")
        return cls(*[await people.log_in(f"{name}@globex.example") for name in names])


class Crowd(Hands):
    """The demo people of globex, `size` of whom are busy at a time, and take a breath of up to so many seconds before
    each deed. `left` are commands that cases which were left open must take at the end."""

    def __init__(self, those: Those, ledger: Ledger, random: Random, size: int, breath: float) -> None:
        super().__init__(those.admin, ledger)
        self.findings: list[Finding] = []
        self.left: list[Asked] = []
        self.begun = 0
        self._customer, self._agent = those.customer, those.agent
        self._reviewer, self._random, self._size, self._breath = those.reviewer, random, size, breath
        self._goes_home = asyncio.Event()

    async def live(self) -> None:
        """Everybody lives one case after another, until they are told to go home."""
        self._me = await self._read(self._customer, "me")
        self._agent_id = (await self._read(self._agent, "me"))["user"]["id"]
        self._chair = await self._product(stock_tracked=True)
        self._table = await self._product()
        self._places = await self._bookable()
        async with asyncio.TaskGroup() as busy:
            for _ in range(self._size):
                busy.create_task(self._live())

    def go_home(self) -> None:
        """Nobody begins another case."""
        self._goes_home.set()

    async def _live(self) -> None:
        lives = [self._ticket, self._ticket, self._urgent_ticket, self._quote, self._callback, self._identity_check]
        lives += [self._order, self._order, self._booking]
        while not self._goes_home.is_set():
            self.begun += 1
            live: Callable[[], Awaitable[None]] = self._random.choice(lives)
            try:
                await live()
            except AssertionError as wrong:
                self.findings.append(Finding(Harm.ILLEGAL, f"{live.__name__.strip('_')}: {wrong}"))

    async def _do(self, who: httpx2.AsyncClient, path: str, body: Json, *refusals: str, method: str = "POST") -> Json:
        await asyncio.sleep(self._random.uniform(0.0, self._breath))
        return await super()._do(who, path, body, *refusals, method=method)

    # What they do

    async def _ticket(self) -> None:
        body = {"subject": "Nothing works", "body": "At all.", "priority": self._random.choice(_PRIORITIES)}
        ticket = f"tickets/{await self._begin(self._customer, 'tickets', body)}"
        status = "open"
        for _ in range(self._random.randint(1, 4)):
            deeds: list[Asked] = [
                (self._customer, "messages", {"body": "Still nothing."}),
                (self._agent, "messages", {"body": "We are looking into it."}),
                (self._agent, "messages", {"body": "He is right.", "internal": True}),
                (self._agent, "status", {"status": self._random.choice([s for s in _STATUSES if s != status])}),
                (self._agent, "assign", {"assignee_id": self._agent_id}),
            ]
            who, deed, body = self._random.choice(deeds)
            status = body.get("status", status)
            await self._do(who, f"{ticket}/{deed}", body, "nothing_changes", "transition_not_allowed")
        if self._random.random() < 0.5:
            await self._do(self._agent, f"{ticket}/close", {})
        else:
            self.left.append((self._agent, f"{ticket}/messages", {"body": "Is it done?", "internal": True}))

    async def _urgent_ticket(self) -> None:
        """Nobody answers it: its deadlines must do what they say."""
        body = {"subject": "It burns", "body": "Quick!", "priority": "urgent"}
        ticket_id = await self._begin(self._customer, "tickets", body)
        self.left.append((self._agent, f"tickets/{ticket_id}/messages", {"body": "Who was it?", "internal": True}))

    async def _quote(self) -> None:
        """Asked for, written, sent, and answered or replaced by another version."""
        customer_id = self._me["customer"]["id"]
        request_id = await self._begin(self._customer, "quote-requests", {"description": "A chair, or two."})
        offer = {"customer_id": customer_id, "lines": LINES, "request_id": request_id}
        quote_id = await self._begin(self._agent, "quotes", offer)
        for deed in ("submit", "send"):
            await self._do(self._agent, f"quotes/{quote_id}/{deed}", {})
        end = self._random.choice(["accept", "decline", "new-version"])
        if end == "new-version":
            await self._do(self._agent, f"quotes/{quote_id}/new-version", {})
            versions = (await self._read(self._agent, f"quotes/{quote_id}/versions"))["items"]
            told = [(version["quote_version"], version["status"]) for version in versions]
            assert told == [(1, "superseded"), (2, "draft")], told
            assert versions[0]["superseded_by_id"] == versions[1]["id"]
            self.left.append((self._agent, f"quotes/{versions[1]['id']}/submit", {}))
        else:
            said = {"name": "Somebody"} if end == "accept" else {"reason": "Too dear"}
            await self._do(self._customer, f"quotes/{quote_id}/{end}", said)

    async def _callback(self) -> None:
        """Asked for, planned, and made, or planned anew in the end."""
        wish = {"phone": "+213550123456", "topic": "My chair"}
        callback_id = await self._begin(self._customer, "callbacks", wish)
        await self._do(self._agent, f"callbacks/{callback_id}/plan", {"at": _in_hours(2)})
        if self._random.random() < 0.5:
            task_id = await self._task_of(callback_id, "callback")
            await self._do(self._agent, f"reviews/{task_id}/decision", {"decision": "done"})
        else:
            self.left.append((self._agent, f"callbacks/{callback_id}/plan", {"at": _in_hours(3)}))

    async def _identity_check(self) -> None:
        """Handed in by the administrator, decided by a reviewer."""
        newcomer = {"type": "individual", "name": "Newcomer"}
        customer_id = (await self._made("customers", json=newcomer))["id"]
        for document in ("passport", "proof_of_address"):
            file = await self._made("files", files={"file": (f"{document}.pdf", PDF, "application/pdf")})
            body = {"type": document, "file_id": file["id"]}
            await self._do(self._admin, f"customers/{customer_id}/kyc/documents", body)
        await self._do(self._admin, f"customers/{customer_id}/kyc/submit", {})
        task_id = await self._task_of(customer_id, "kyc_review")
        decision = self._random.choice([{"decision": "approve"}, {"decision": "reject", "reason": "Blurred"}])
        await self._do(self._reviewer, f"reviews/{task_id}/decision", decision)
        risk = {"risk": "high", "reason": "To be sure"}
        await self._do(self._reviewer, f"customers/{customer_id}/kyc/risk", risk)

    async def _order(self) -> None:
        """Placed, looked at, paid, fulfilled and delivered; or cancelled on the way, and all of it undone."""
        lines = [{"product_id": self._chair, "quantity": 2}, {"product_id": self._table, "quantity": 1}]
        order = f"orders/{await self._begin(self._customer, 'orders', {'lines': lines})}"
        stages = [self._looked_at, self._paid, self._fulfilled, self._delivered]
        goes_well = self._random.random() < 0.4
        for stage in stages if goes_well else stages[: self._random.randint(0, 3)]:
            await stage(order)
        if goes_well:
            return
        await self._do(self._agent, f"{order}/cancel", {"reason": "Changed my mind"})
        await self._undone(order)

    async def _booking(self) -> None:
        """Held at a time that somebody else may want too, confirmed, perhaps moved, and kept or cancelled."""
        wanted = {"service_id": self._service, "customer_id": self._me["customer"]["id"]}
        answer = await self._do(self._agent, "bookings", wanted | self._sometime(), "slot_taken")
        if answer.get("code") == "slot_taken":
            return
        booking = f"bookings/{answer.get('id') or answer['case_id']}"
        if self._random.random() < 0.8:
            await self._do(self._agent, f"{booking}/confirm", {})
        if self._random.random() < 0.5:
            await self._do(self._agent, f"{booking}/reschedule", self._sometime(), "slot_taken", "nothing_changes")
        gone = (self._agent, f"{booking}/cancel", {"reason": "Changed my mind"})
        if self._random.random() < 0.5:
            await self._do(*gone)
        else:
            self.left.append(gone)

    def _sometime(self) -> Json:
        return {"start": self._random.choice(self._places)}

    async def _bookable(self) -> list[str]:
        """The times of a new service that globex's team gives: few enough to be wanted by two at once."""
        hours = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
        offered = {
            "name": f"Storm {uuid4()}",
            "duration_minutes": 15,
            "capacity": 2,
            "base_price": 100,
            "windows": hours,
        }
        self._service = (await self._made("services", json=offered))["id"]
        for member in (await self._read(self._admin, "team-members"))["items"]:
            services = {"service_ids": [*member["service_ids"], self._service]}
            changed = await self._admin.patch(f"team-members/{member['id']}", json=services)
            assert changed.status_code == 200, changed.text
        since = datetime.now(UTC) + timedelta(days=2)
        query = {"service_id": self._service, "from": since.isoformat(), "to": (since + timedelta(days=7)).isoformat()}
        return [slot["start"] for slot in (await self._read(self._agent, "availability", **query))["slots"]]

    async def _fulfilled(self, order: str) -> None:
        await self._until(order, lambda row: row["status"] == "in_progress")
        for position in self._random.sample((1, 2), self._random.choice((1, 2))):
            await self._decided(order, "fulfilment", f"line {position}")

    async def _delivered(self, order: str) -> None:
        for line in (await self._read(self._agent, order))["lines"]:
            if line["status"] != "fulfilled":
                await self._decided(order, "fulfilment", f"line {line['position']}")
        await self._do(self._agent, f"{order}/deliver", {"proof": "Seen"})


def _in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
