"""How people do things while nobody may be there to answer: patiently, under one key, until it is done."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.e2e.desk import Json, new_key, settled
from tests.e2e.ledger import AWAY, Ledger
from tests.stack.waiting import eventually

PATIENCE = 240.0


class Hands:
    """The hands of a tenant's people, `admin` among them; what is answered is taken down in the ledger."""

    def __init__(self, admin: httpx2.AsyncClient, ledger: Ledger) -> None:
        self._admin, self._ledger = admin, ledger

    # What is done to orders

    async def _looked_at(self, order: str) -> None:
        await self._decided(order, "order_validation", decision="approve")

    async def _paid(self, order: str) -> None:
        row = await self._until(order, lambda row: row["invoice"] == "issued")
        payment = {"amount": row["total"], "method": "card", "paid_at": datetime.now(UTC).isoformat()}
        await self._do(self._admin, f"invoices/{row['invoice_id']}/payments", payment)

    async def _undone(self, order: str, *, by_hand: bool = True) -> None:
        """A cancelled order, once people have undone what only they can, and returned what was paid."""
        if by_hand:
            row = await self._until(order, lambda row: row["unwound_at"] or any(map(_by_hand, row["lines"])))
            for line in filter(_by_hand, row["lines"]):
                await self._decided(order, "undoing", f"line {line['position']}")
        row = await self._until(order, lambda row: row["unwound_at"])
        if row["invoice_id"] and (await self._read(self._admin, f"invoices/{row['invoice_id']}"))["refund_due"]:
            await self._decided(f"invoices/{row['invoice_id']}", "invoice_refund")

    async def _product(self, **given: Any) -> str:
        product = await self._made(
            "products", json={"sku": new_key()[:20], "name": "Chair", "unit_price": 100, **given}
        )
        if given:
            await self._comes(product["id"], 1_000_000)
        return str(product["id"])

    async def _comes(self, product_id: str, pieces: int) -> None:
        came = {"quantity": pieces, "reason": "Came"}
        await self._made(f"products/{product_id}/stock/movements", json=came)

    # How they do it

    async def _begin(self, who: httpx2.AsyncClient, path: str, body: Json) -> str:
        answer = await self._do(who, path, body)
        return str(answer.get("id") or answer["case_id"])

    async def _do(self, who: httpx2.AsyncClient, path: str, body: Json, *refusals: str, method: str = "POST") -> Json:
        """Asks until it is answered, and waits for what was promised; refused for one of `refusals` only, which is the
        `code` of what comes back."""
        answer = await self._ledger.ask(who, path, body, patience=PATIENCE, method=method)
        if answer.status == 202:
            command = await settled(who, answer.command_id, within=PATIENCE)
            assert command["status"] == "done" or command["code"] in refusals, (path, command)
            return answer.body | {"code": command["code"]}
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
        found = [task["id"] for task in await self._tasks(case_id, kind)]
        assert len(found) == 1, f"{len(found)} tasks of {kind}/{case_id}"
        return str(found[0])

    async def _tasks(self, case_id: str, kind: str) -> list[Json]:
        query = {"case_id": case_id, "kind": kind, "status": "pending"}
        tasks: list[Json] = (await self._read(self._admin, "reviews", **query))["items"]
        return tasks

    async def _answered(self, ask: Callable[[], Awaitable[httpx2.Response]], status: int, what: str) -> Any:
        async def heard() -> httpx2.Response | None:
            try:
                answer = await ask()
            except httpx2.TransportError:
                return None
            return None if answer.status_code in AWAY else answer

        answer = await _in_time(heard, f"{what} is answered")
        assert answer.status_code == status, f"{what}: {answer.text}"
        return answer.json()

    async def _decided(self, case: str, kind: str, about: str | None = None, decision: str = "done") -> None:
        """The case's task of a kind, as soon as it is there, and decided."""

        async def found() -> list[str]:
            tasks = await self._tasks(case.rpartition("/")[2], kind)
            return [task["id"] for task in tasks if about in (None, task["about"])]

        task_id, *_ = await _in_time(found, f"a task {kind} of {case}")
        await self._do(self._admin, f"reviews/{task_id}/decision", {"decision": decision})

    async def _until(self, path: str, holds: Callable[[Json], Any]) -> Json:
        """The case, once something holds of it."""

        async def found() -> Json | None:
            row = await self._read(self._admin, path)
            return row if holds(row) else None

        row: Json = await _in_time(found, f"{path} is as it should be")
        return row


async def _in_time(ask: Callable[[], Awaitable[Any]], what: str) -> Any:
    return await eventually(ask, what, within=PATIENCE, every=0.2)


def _by_hand(line: Json) -> bool:
    """Whether only people can undo it."""
    return bool(line["status"] == "fulfilled")
