"""Steps of the tests: one order over HTTP, while time is skipped."""

import uuid
from typing import Any

import httpx2
import sqlalchemy as sa
from sqlmodel import col

from models.invoices import CreditNote, Invoice
from models.orders import Order
from models.stock import StockClaim
from tests.workflows.world import Life, World, eventually

Json = dict[str, Any]
PRICE = 10_000


async def product(world: World, pieces: int | None = 10, **given: Any) -> str:
    """A new product with so many pieces in stock; with None its pieces are not counted."""
    manager = await world.person("manager")
    body = {
        "sku": f"S-{uuid.uuid4().hex[:10]}",
        "name": "Canary chair",
        "unit_price": PRICE,
        "stock_tracked": pieces is not None,
        **given,
    }
    made = await manager.post("/products", json=body)
    assert made.status_code == 201, made.text
    if pieces:
        await receive(world, made.json()["id"], pieces)
    return made.json()["id"]


async def receive(world: World, product_id: str, pieces: int) -> None:
    """Pieces come into the house."""
    manager = await world.person("manager")
    moved = await manager.post(f"/products/{product_id}/stock/movements", json={"quantity": pieces, "reason": "came"})
    assert moved.status_code == 201, moved.text


async def settings(world: World, **orders: Any) -> None:
    """What acme sets about its orders."""
    changed = await (await world.person("admin")).patch("/settings", json={"orders": orders})
    assert changed.status_code == 200, changed.text


async def asks_for(world: World, *lines: Json, by: str = "client", **given: Any) -> httpx2.Response:
    """An order of these lines, or of a quote."""
    return await (await world.person(by)).post("/orders", json={"lines": list(lines)} | given if lines else given)


async def places(world: World, *lines: Json, by: str = "client", **given: Any) -> "OrderLife":
    """An order that must be taken."""
    answer = await asks_for(world, *lines, by=by, **given)
    assert answer.status_code == 201, answer.text
    return OrderLife(world, answer.json())


class OrderLife(Life):
    kind = "order"
    path = "/orders/{}"

    async def done(self, who: str, command: str, **body: Any) -> Json:
        """Somebody's command, which must be taken."""
        answer = await self.does(who, command, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, who: str, command: str, code: str, **body: Any) -> None:
        """Somebody's command, which must be refused with this code."""
        answer = await self.does(who, command, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text

    async def has(self, **facts: Any) -> Json:
        """The order, once these are its columns."""
        return await eventually(self.read, lambda order: facts.items() <= order.items())

    async def waits_for_people(self, kind: str, times: int = 1, case_id: str | None = None) -> list[Json]:
        """Its pending tasks of a kind, or those of its invoice, once there are as many, the oldest first."""

        async def look() -> list[Json]:
            return await self.tasks(case_id, status="pending", kind=kind, sort="opened_at")

        return await eventually(look, lambda tasks: len(tasks) >= times)

    async def decides(self, task: Json, decision: str, who: str = "manager") -> httpx2.Response:
        """Somebody's decision on a task."""
        body = {"decision": decision} | ({"reason": "Canary reason"} if decision == "reject" else {})
        return await (await self.world.person(who)).post(f"/reviews/{task['id']}/decision", json=body)

    async def line(self, position: int) -> Json:
        """The pending task about a line."""
        tasks = await self.waits_for_people("fulfilment")
        return next(task for task in tasks if task["about"] == f"line {position}")

    async def paid(self, amount: int | None = None) -> None:
        """Its invoice, paid as soon as it is issued."""
        invoice = (await self.has(invoice="issued"))["invoice_id"]
        manager = await self.world.person("manager")
        total = (await manager.get(f"/invoices/{invoice}")).json()["total"]
        payment = {
            "amount": amount or total,
            "method": "bank_transfer",
            "paid_at": (await self.world.now()).isoformat(),
            "reference": "Canary reference",
        }
        answer = await manager.post(f"/invoices/{invoice}/payments", json=payment)
        assert answer.status_code == 201, answer.text

    async def in_progress(self) -> None:
        """Paid, and left to staff."""
        await self.paid()
        await self.has(status="in_progress")

    async def balances(self) -> None:
        """It is cancelled, and nothing is left of it: stock, invoice, credit note, tasks."""
        await eventually(self.read, lambda order: order["status"] == "cancelled" and order["unwound_at"] is not None)
        assert await self.tasks(status="pending") == []
        async with self.world.database.transaction(await self.tenant()) as session:
            row = await session.get_one(Order, uuid.UUID(self.id))
            claims = await session.scalars(sa.select(StockClaim).where(col(StockClaim.case_id) == row.id))
            assert {str(claim.status) for claim in claims} <= {"released"}
            invoices = (await session.scalars(sa.select(Invoice).where(col(Invoice.order_id) == row.id))).all()
            assert len(invoices) <= 1
            for invoice in invoices:
                assert invoice.status == "cancelled"
                credited = await session.scalar(
                    sa.select(col(CreditNote.total)).where(col(CreditNote.invoice_id) == invoice.id)
                )
                assert credited == (invoice.total if invoice.issued_at else None)
                refund = await self.tasks(str(invoice.id), status="pending", kind="invoice_refund")
                assert len(refund) == (1 if invoice.paid_amount else 0)

    async def tenant(self) -> uuid.UUID:
        """Whose order it is."""
        return uuid.UUID((await (await self.world.person("manager")).get("/me")).json()["tenant"]["id"])
