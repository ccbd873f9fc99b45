"""The lives of invoices, for the corpus."""

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended
from tests.workflows.invoices.life import TOTAL, InvoiceLife, write_invoice


async def test_paid_in_parts_and_cancelled_afterwards(world: RealWorld) -> None:
    life = await write_invoice(world)
    await life.issued()
    await life.mails(1)
    await life.paid(100_00)
    await life.paid(TOTAL - 100_00)
    await life.mails(2)
    await ended(world, life.case)
    await world.keep("invoice_paid", life.case)
    await life.done("manager", "cancel", reason="Canary: goods came back")
    await _decide(life, "invoice_refund")
    await life.mails(3)
    await ended(world, life.case)
    await world.keep("invoice_credited_from_its_row", life.case)


async def test_dunned_handed_over_and_cancelled(world: RealWorld) -> None:
    life = await write_invoice(world, due_days=1)
    await life.issued()
    await life.days_after_due(45)
    await life.happens("handed_over")
    await life.mails(4)
    await _decide(life, "invoice_unpaid")
    await life.done("manager", "cancel", reason="Canary: nobody pays")
    await life.mails(5)
    await ended(world, life.case)
    await world.keep("invoice_dunned", life.case)


async def test_edited_and_discarded(world: RealWorld) -> None:
    life = await write_invoice(world)
    manager = await world.person("manager")
    assert (
        await manager.put(life.url, json={"lines": [{"name": "Canary", "quantity": 1, "unit_price": 1}]})
    ).is_success
    await life.done("manager", "cancel", reason="Canary: never mind")
    await ended(world, life.case)
    await world.keep("invoice_discarded", life.case)


async def _decide(life: InvoiceLife, kind: str) -> None:
    task = await life.task(kind)
    manager = await life.world.person("manager")
    answer = await manager.post(f"/reviews/{task['id']}/decision", json={"decision": "done"})
    assert answer.status_code == 200, answer.text
