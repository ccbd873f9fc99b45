"""The lives of orders, for the corpus."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended
from tests.workflows.orders.life import OrderLife, places, product, receive, settings
from tests.workflows.orders.receiver import receiving


@pytest.fixture(autouse=True)
async def unlooked_at(world: RealWorld) -> AsyncIterator[None]:
    """Orders are looked at by nobody, unless a scenario says otherwise."""
    await settings(world, validate_direct=False)
    yield
    await settings(world, validate_direct=True)


async def two_lines(world: RealWorld) -> OrderLife:
    chair, table = await product(world), await product(world, pieces=None)
    return await places(world, {"product_id": chair, "quantity": 2}, {"product_id": table, "quantity": 1})


async def test_looked_at_paid_fulfilled_and_delivered(world: RealWorld) -> None:
    await settings(world, validate_direct=True)
    life = await two_lines(world)
    [look] = await life.waits_for_people("order_validation")
    await life.decides(look, "approve")
    await life.in_progress()
    for position in (1, 2):
        await life.decides(await life.line(position), "done")
    await life.done("agent", "deliver", proof="Canary signature")
    await life.mails(1)
    await ended(world, life.case)
    await world.keep("order_delivered", life.case)


async def test_cancelled_when_a_line_was_done(world: RealWorld) -> None:
    life = await two_lines(world)
    await life.in_progress()
    await life.decides(await life.line(1), "done")
    await life.done("agent", "cancel", reason="Canary")
    [back] = await life.waits_for_people("undoing")
    await life.decides(back, "done")
    await life.mails(1)
    await ended(world, life.case)
    await world.keep("order_undone_by_hand", life.case)


async def test_waits_for_stock_and_is_not_paid(world: RealWorld) -> None:
    chair = await product(world, pieces=0, out_of_stock="backorder")
    life = await places(world, {"product_id": chair, "quantity": 1})
    await receive(world, chair, 1)
    order = await life.has(invoice="issued")
    await life.until(order["pay_by"], timedelta(minutes=1))
    await life.mails(1)
    await ended(world, life.case)
    await world.keep("order_backordered_and_unpaid", life.case)


async def test_another_system_does_it_and_undoes_it(world: RealWorld) -> None:
    admin = await world.person("admin")
    async with receiving() as receiver:
        await admin.put("/settings/fulfilment-webhook", json={"url": receiver.url})
        try:
            life = await two_lines(world)
            await life.paid()
            await life.happens("line_fulfilled", 2)
            await life.done("agent", "cancel", reason="Canary")
            await life.mails(1)
            await ended(world, life.case)
        finally:
            await admin.delete("/settings/fulfilment-webhook")
    assert receiver.open_lines == set()
    await world.keep("order_undone_by_webhook", life.case)
