"""Two orders: one goes all the way, one is cancelled when a part of it has been done already."""

from datetime import UTC, datetime
from typing import Any

from ops.demo.stage import CaseOnStage, Stage
from ops.demo.wares import on_sale


async def delivered(stage: Stage) -> None:
    """Looked at, paid, fulfilled by staff, and delivered."""
    stage.title("An order is looked at, paid, fulfilled and delivered")
    order = await _paid(stage, "Two chairs, and an hour of assembly")
    for position in (1, 2):
        await stage.decide("agent", order, "fulfilment", about=f"line {position}", decision="done")
    await stage.act("agent", order, "/deliver", mails=1, proof="Handed over at the door")


async def undone(stage: Stage) -> None:
    """Cancelled with one line done: the invoice is credited, the stock is back, people undo what they have done."""
    stage.title("An order is cancelled when half of it is done: all of it is undone")
    order = await _paid(stage, "Changed their mind")
    await stage.decide("agent", order, "fulfilment", about="line 1", decision="done")
    await stage.act("agent", order, "/cancel", mails=1, reason="The customer moves abroad.")
    await stage.decide("manager", order, "undoing", about="line 1", decision="done")
    row = await stage.until(order, lambda row: row["unwound_at"] is not None)
    invoice = await stage.api.get(stage.people["manager"], f"/invoices/{row['invoice_id']}")
    await stage.tell(order, "the manager")
    stage.remark("invoice", f"{invoice['number']} is credited by {invoice['credit_note']}; the refund is a task")


async def _paid(stage: Stage, words: str) -> CaseOnStage:
    client, manager = stage.people["client"], stage.people["manager"]
    chair, assembly = [(await on_sale(stage, slug))["id"] for slug in ("chair", "assembly")]
    await stage.api.post(manager, f"/products/{chair}/stock/movements", quantity=2, reason="Delivered by the maker")
    lines = [{"product_id": chair, "quantity": 2}, {"product_id": assembly, "quantity": 1}]
    row = await stage.api.post(client, "/orders", lines=lines)
    order = CaseOnStage(id=f"order/{row['id']}", number=row["number"], path=f"/orders/{row['id']}")
    stage.enter(order, words)
    await stage.decide("agent", order, "order_validation", decision="approve")
    row = await stage.until(order, lambda row: row["invoice"] == "issued")
    payment: dict[str, Any] = {"amount": row["total"], "method": "card", "paid_at": datetime.now(UTC).isoformat()}
    await stage.api.post(manager, f"/invoices/{row['invoice_id']}/payments", **payment)
    await stage.until(order, lambda row: row["status"] == "in_progress")
    await stage.tell(order, "the agent")
    return order
