"""People who use the stack while faults happen: each begins a case, sees it through, and begins the next."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx2

from tests.e2e.desk import Json, new_key, settled
from tests.e2e.findings import Finding, Harm
from tests.e2e.kyc_desk import PDF
from tests.e2e.ledger import AWAY, Ledger
from tests.e2e.quotes import LINES
from tests.stack.people import People

PATIENCE = 240.0
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


class Crowd:
    """The demo people of globex, `size` of whom are busy at a time. `left` are commands that cases which were left open
    must take at the end."""

    def __init__(self, those: Those, ledger: Ledger, random: Random, size: int) -> None:
        self.findings: list[Finding] = []
        self.left: list[Asked] = []
        self.begun = 0
        self._customer, self._agent = those.customer, those.agent
        self._admin, self._reviewer = those.admin, those.reviewer
        self._ledger, self._random, self._size = ledger, random, size
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
            versions = await self._read(self._agent, f"quotes/{quote_id}/versions")
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
        await self._do(self._reviewer, f"customers/{customer_id}/kyc/risk", risk, method="PUT")

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
        row = await self._until(order, lambda row: row["unwound_at"] or any(map(_by_hand, row["lines"])))
        for line in filter(_by_hand, row["lines"]):
            await self._decided(order, "undoing", f"line {line['position']}")
        row = await self._until(order, lambda row: row["unwound_at"])
        if row["invoice_id"] and (await self._read(self._admin, f"invoices/{row['invoice_id']}"))["refund_due"]:
            await self._decided(f"invoices/{row['invoice_id']}", "invoice_refund")

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
        offered = {"name": new_key()[:20], "duration_minutes": 15, "capacity": 2, "base_price": 100, "windows": hours}
        self._service = (await self._made("services", json=offered))["id"]
        for member in (await self._read(self._admin, "team-members"))["items"]:
            services = {"service_ids": [*member["service_ids"], self._service]}
            changed = await self._admin.patch(f"team-members/{member['id']}", json=services)
            assert changed.status_code == 200, changed.text
        since = datetime.now(UTC) + timedelta(days=2)
        query = {"service_id": self._service, "from": since.isoformat(), "to": (since + timedelta(days=7)).isoformat()}
        return [slot["start"] for slot in (await self._read(self._agent, "availability", **query))["slots"]]

    async def _looked_at(self, order: str) -> None:
        await self._decided(order, "order_validation", decision="approve")

    async def _paid(self, order: str) -> None:
        row = await self._until(order, lambda row: row["invoice"] == "issued")
        payment = {"amount": row["total"], "method": "card", "paid_at": datetime.now(UTC).isoformat()}
        await self._do(self._admin, f"invoices/{row['invoice_id']}/payments", payment)

    async def _fulfilled(self, order: str) -> None:
        await self._until(order, lambda row: row["status"] == "in_progress")
        for position in self._random.sample((1, 2), self._random.choice((1, 2))):
            await self._decided(order, "fulfilment", f"line {position}")

    async def _delivered(self, order: str) -> None:
        for line in (await self._read(self._agent, order))["lines"]:
            if line["status"] != "fulfilled":
                await self._decided(order, "fulfilment", f"line {line['position']}")
        await self._do(self._agent, f"{order}/deliver", {"proof": "Seen"})

    async def _decided(self, case: str, kind: str, about: str | None = None, decision: str = "done") -> None:
        """The case's task of a kind, as soon as it is there, and decided."""
        query = {"sort": "-opened_at", "limit": 200, "kind": kind, "status": "pending"}

        async def look() -> list[str]:
            tasks = (await self._read(self._admin, "reviews", **query))["items"]
            return [
                each["id"] for each in tasks if case.endswith(each["case"]["id"]) and about in (None, each["about"])
            ]

        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not (found := await look()):
            assert asyncio.get_running_loop().time() < deadline, f"no task {kind} of {case}"
            await asyncio.sleep(0.2)
        await self._do(self._admin, f"reviews/{found[0]}/decision", {"decision": decision})

    async def _until(self, path: str, holds: Callable[[Json], Any]) -> Json:
        """The case, once something holds of it."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not holds(row := await self._read(self._admin, path)):
            assert asyncio.get_running_loop().time() < deadline, f"{path} stays {row}"
            await asyncio.sleep(0.2)
        return row

    async def _product(self, **given: Any) -> str:
        product = await self._made(
            "products", json={"sku": new_key()[:20], "name": "Chair", "unit_price": 100, **given}
        )
        if given:
            came = {"quantity": 1_000_000, "reason": "Came"}
            await self._made(f"products/{product['id']}/stock/movements", json=came)
        return str(product["id"])

    # How they do it

    async def _begin(self, who: httpx2.AsyncClient, path: str, body: Json) -> str:
        answer = await self._do(who, path, body)
        return str(answer.get("id") or answer["case_id"])

    async def _do(self, who: httpx2.AsyncClient, path: str, body: Json, *refusals: str, method: str = "POST") -> Json:
        """Asks until it is answered, and waits for what was promised; refused for one of `refusals` only."""
        answer = await self._ledger.ask(who, path, body, patience=PATIENCE, method=method)
        if answer.status == 202:
            command = await settled(who, answer.command_id, within=PATIENCE)
            assert command["status"] == "done" or command["code"] in refusals, (path, command)
        else:
            assert answer.done or answer.body["code"] in refusals, (path, answer)
        return answer.body

    async def _made(self, path: str, **content: Any) -> Json:
        """What no workflow decides about, and so is in no timeline."""
        key = {"Idempotency-Key": new_key()}
        made: Json = await self._answered(lambda: self._admin.post(path, headers=key, **content), 201, path)
        return made

    async def _read(self, who: httpx2.AsyncClient, path: str, **params: Any) -> Any:
        return await self._answered(lambda: who.get(path, params=params), 200, path)

    async def _task_of(self, case_id: str, kind: str) -> str:
        query = {"sort": "-opened_at", "limit": 200, "kind": kind, "status": "pending"}
        tasks = (await self._read(self._agent, "reviews", **query))["items"]
        found = [task["id"] for task in tasks if task["case"]["id"] == case_id]
        assert len(found) == 1, f"{len(found)} tasks of {kind}/{case_id}"
        return str(found[0])

    async def _answered(self, ask: Callable[[], Awaitable[httpx2.Response]], status: int, what: str) -> Any:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                answer = await ask()
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.status_code not in AWAY:
                assert answer.status_code == status, f"{what}: {answer.text}"
                return answer.json()
            assert asyncio.get_running_loop().time() < deadline, f"nobody answers {what}"
            await asyncio.sleep(0.2)


def _by_hand(line: Json) -> bool:
    """Whether only people can undo it."""
    return bool(line["status"] == "fulfilled")


def _in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
