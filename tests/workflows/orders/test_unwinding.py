"""An order that fails or is cancelled at each of its stages: nothing is left of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.orders.step import Orders
from tests.workflows.orders.life import OrderLife, places, product, receive, settings
from tests.workflows.orders.receiver import Receiver, receiving
from tests.workflows.world import World, eventually

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def unset(world: World) -> AsyncIterator[None]:
    """Orders are looked at by nobody, unless a test says otherwise."""
    await settings(world, validate_direct=False, payment_first=True)
    yield
    await settings(world, validate_direct=True, payment_first=True)


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    admin = await world.person("admin")
    async with receiving() as receiver:
        answer = await admin.put("/settings/fulfilment-webhook", json={"url": receiver.url})
        assert answer.status_code == 200, answer.text
        yield receiver
        await admin.delete("/settings/fulfilment-webhook")


async def two_lines(world: World) -> OrderLife:
    chair, table = await product(world), await product(world, pieces=None)
    return await places(world, {"product_id": chair, "quantity": 2}, {"product_id": table, "quantity": 1})


async def as_request(life: OrderLife) -> None:
    assert life.opened["status"] == "request"


async def until_issued(life: OrderLife) -> None:
    await life.has(invoice="issued")


async def until_in_progress(life: OrderLife) -> None:
    await life.in_progress()


async def until_one_line_is_done(life: OrderLife) -> None:
    await life.in_progress()
    await life.decides(await life.line(1), "done")


async def until_all_is_done(life: OrderLife) -> None:
    await until_one_line_is_done(life)
    await life.decides(await life.line(2), "done")


STAGES: dict[str, tuple[Callable[[OrderLife], Awaitable[None]], list[str]]] = {
    "request": (as_request, []),
    "issued": (until_issued, []),
    "in progress": (until_in_progress, []),
    "one line done": (until_one_line_is_done, ["line 1"]),
    "all done": (until_all_is_done, ["line 1", "line 2"]),
}
"""How far an order comes, and what then only people can undo."""


@pytest.mark.parametrize("stage", STAGES)
async def test_it_is_cancelled(world: World, stage: str) -> None:
    comes_to, by_hand = STAGES[stage]
    if stage == "request":
        await settings(world, validate_direct=True)
    life = await two_lines(world)
    await comes_to(life)
    cancelled = await life.done("agent", "cancel", reason="Canary")
    assert (cancelled["status"], cancelled["cancel_code"]) == ("cancelled", "asked")
    if by_hand:
        tasks = await life.waits_for_people("undoing", len(by_hand))
        assert sorted(task["about"] for task in tasks) == by_hand
        assert (await life.read())["unwound_at"] is None
        for task in tasks:
            await life.decides(task, "done")
    await life.balances()
    await life.refused("agent", "cancel", "order_cancelled", reason="Canary")


async def test_it_is_rejected(world: World) -> None:
    await settings(world, validate_direct=True)
    life = await two_lines(world)
    [look] = await life.waits_for_people("order_validation")
    await life.decides(look, "reject")
    await life.balances()
    assert (await life.read())["cancel_code"] == "rejected"


async def test_what_it_wants_is_gone_when_it_has_been_looked_at(world: World) -> None:
    await settings(world, validate_direct=True)
    chair = await product(world, pieces=1)
    first, second = [await places(world, {"product_id": chair, "quantity": 1}) for _ in range(2)]
    for life in (first, second):
        [look] = await life.waits_for_people("order_validation")
        await life.decides(look, "approve")
        await life.happens("validated")
    await eventually(second.read, lambda order: order["status"] == "cancelled")
    await second.balances()
    assert (await second.read())["cancel_code"] == "out_of_stock"
    await first.has(stock="reserved")


async def test_nobody_pays(world: World) -> None:
    life = await two_lines(world)
    order = await life.has(invoice="issued")
    # Until the end of the day that is on the invoice.
    invoice = await (await world.person("manager")).get(f"/invoices/{order['invoice_id']}")
    assert order["pay_by"] == invoice.json()["due_at"]
    await life.until(order["pay_by"], -timedelta(minutes=1))
    assert (await life.read())["status"] == "validated"
    await life.passes(timedelta(minutes=2))
    await life.balances()
    assert (await life.read())["cancel_code"] == "unpaid"


async def test_its_invoice_is_cancelled_by_hand(world: World) -> None:
    life = await two_lines(world)
    invoice = (await life.has(invoice="issued"))["invoice_id"]
    await (await world.person("manager")).post(f"/invoices/{invoice}/cancel", json={"reason": "Canary"})
    await life.balances()
    assert (await life.read())["cancel_code"] == "invoice_cancelled"


async def test_a_line_fails_late_and_the_other_is_taken_back(world: World) -> None:
    life = await two_lines(world)
    await until_one_line_is_done(life)
    await life.decides(await life.line(2), "reject")
    [back] = await life.waits_for_people("undoing")
    assert back["about"] == "line 1"
    await life.decides(back, "done")
    await life.balances()
    assert (await life.read())["cancel_code"] == "line_failed"


async def test_a_payment_and_a_cancellation_in_one_moment(world: World) -> None:
    for _ in range(4):
        life = await two_lines(world)
        await life.has(invoice="issued")
        paid, _ = await asyncio.gather(
            asyncio.wait_for(life.paid(), 20), life.does("agent", "cancel", reason="Canary"), return_exceptions=True
        )
        assert paid is None or isinstance(paid, AssertionError)
        await life.balances()


async def test_another_system_fulfils_it(world: World, receiver: Receiver) -> None:
    life = await two_lines(world)
    await life.paid()
    await life.happens("line_fulfilled", 2)
    await life.done("agent", "deliver")
    assert [call["type"] for call in receiver.calls] == ["order.line.fulfil"] * 2
    assert {call["data"]["order_number"] for call in receiver.calls} == {life.number}


async def test_what_another_system_has_done_it_undoes(world: World, receiver: Receiver) -> None:
    life = await two_lines(world)
    await life.paid()
    await life.happens("line_fulfilled", 2)
    await life.done("agent", "cancel", reason="Canary")
    await life.balances()
    assert receiver.open_lines == set()
    assert len({headers["webhook-id"] for headers, _ in receiver.asked}) == 4


async def test_another_system_that_never_takes_it_leaves_it_to_staff(world: World, receiver: Receiver) -> None:
    receiver.answers = "with a failure"
    life = await two_lines(world)
    await life.paid()
    await life.happens("line_called", 2)
    await life.passes(A_DAY + timedelta(hours=1))
    tasks = await life.waits_for_people("fulfilment", 2)
    keys = {headers["webhook-id"] for headers, _ in receiver.asked}
    assert len(keys) == 2 < len(receiver.asked)
    for task in tasks:
        await life.decides(task, "done")
    await life.done("agent", "deliver")


async def test_cancelled_while_it_is_called_out(world: World, receiver: Receiver) -> None:
    receiver.answers = "with a failure"
    life = await two_lines(world)
    await life.paid()
    await life.happens("line_called", 2)
    receiver.answers = "well"
    await life.done("agent", "cancel", reason="Canary")
    await life.balances()
    assert receiver.open_lines == set()


async def test_what_it_does_not_take_back_is_left_to_people(world: World, receiver: Receiver) -> None:
    life = await two_lines(world)
    await life.paid()
    await life.happens("line_fulfilled", 2)
    receiver.answers = "with a failure"
    await life.done("agent", "cancel", reason="Canary")
    await life.passes(3 * A_DAY)
    for task in await life.waits_for_people("undoing", 2):
        await life.decides(task, "done")
    await life.balances()


async def test_stock_that_comes_after_the_cancellation_is_for_others(world: World) -> None:
    chair = await product(world, pieces=0, out_of_stock="backorder")
    life = await places(world, {"product_id": chair, "quantity": 1})
    await life.done("client", "cancel", reason="Canary")
    await life.balances()
    await receive(world, chair, 1)
    await (await places(world, {"product_id": chair, "quantity": 1})).has(stock="reserved")


async def test_cancelled_in_the_moment_in_which_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While its story waits for its turn to issue the invoice, somebody cancels: the story must not go back on that."""
    chair = await product(world, pieces=0, out_of_stock="backorder")
    life = await places(world, {"product_id": chair, "quantity": 1})
    take, goes_on = Orders.take, asyncio.Event()

    async def slow(self: Orders, taking: Any) -> None:
        if taking.step.kind == "stock_arrived":
            await goes_on.wait()
        await take(self, taking)

    async def asked() -> int:
        history = await world.environment.client.get_workflow_handle(life.case).fetch_history()
        return sum(each.HasField("workflow_execution_update_accepted_event_attributes") for each in history.events)

    monkeypatch.setattr(Orders, "take", slow)
    comes = asyncio.create_task(receive(world, chair, 1))
    await eventually(asked, lambda count: count == 2)
    cancels = asyncio.create_task(life.done("agent", "cancel", reason="Canary"))
    await eventually(asked, lambda count: count == 3)
    goes_on.set()
    await asyncio.gather(comes, cancels)
    await life.balances()
    assert await life.kinds() == ["opened", "stock_arrived", "cancelled", "stock_released", "unwound"]
