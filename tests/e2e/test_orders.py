"""Orders over HTTP on the running stack: buyers at once, what is refused, and nothing personal in the engine."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e import invariants
from tests.e2e.desk import Json, assert_problem, read, settled
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

CANARY = f"canary{uuid4().hex[:12]}"
BUYERS, PIECES = 100, 10


@pytest.fixture
async def manager(people: People) -> httpx2.AsyncClient:
    return await people.log_in("manager@globex.example")


@pytest.fixture
async def unlooked_at(people: People) -> Any:
    """Orders that nobody looks at first."""
    admin = await people.log_in("admin@globex.example")
    assert (await admin.patch("settings", json={"orders": {"validate_direct": False}})).status_code == 200
    yield
    await admin.patch("settings", json={"orders": {"validate_direct": True}})


async def product(manager: httpx2.AsyncClient, pieces: int = 0, **given: Any) -> str:
    body = {"sku": uuid4().hex[:12], "name": "Chair", "unit_price": 1_000, "stock_tracked": True, **given}
    made = await manager.post("products", json=body)
    assert made.status_code == 201, made.text
    if pieces:
        came = {"quantity": pieces, "reason": "Came"}
        assert (await manager.post(f"products/{made.json()['id']}/stock/movements", json=came)).status_code == 201
    return str(made.json()["id"])


@pytest.mark.usefixtures("unlooked_at")
async def test_buyers_at_once_are_sold_what_there_is_and_not_one_more(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, manager: httpx2.AsyncClient
) -> None:
    chair, ledger = await product(manager, PIECES), Ledger()
    body = {"lines": [{"product_id": chair, "quantity": 1}]}
    answers = await asyncio.gather(*(ledger.ask(customer, "orders", body) for _ in range(BUYERS)))
    assert {answer.status for answer in answers} <= {201, 202, 409}
    await invariants.check(stack, people, ledger)
    (stock,) = await read(manager, f"products/{chair}/stock")
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == (PIECES, PIECES, 0)
    # Who is refused before anything is written has no command.
    ends = [answer.body if answer.status == 409 else await settled(customer, answer.command_id) for answer in answers]
    assert Counter(end["code"] for end in ends) == {None: PIECES, "out_of_stock": BUYERS - PIECES}


@pytest.mark.usefixtures("unlooked_at")
async def test_what_comes_is_told_to_who_waits_for_it(
    customer: httpx2.AsyncClient, manager: httpx2.AsyncClient
) -> None:
    chair = await product(manager, out_of_stock="backorder")
    order = (await customer.post("orders", json={"lines": [{"product_id": chair, "quantity": 3}]})).json()
    assert (order["stock"], order["backorder"]) == ("waiting", True)
    came = {"quantity": 3, "reason": "Came"}
    assert (await manager.post(f"products/{chair}/stock/movements", json=came)).status_code == 201

    async def is_invoiced() -> bool:
        return (await read(customer, f"orders/{order['id']}"))["invoice"] == "issued"

    await eventually(is_invoiced, "the order goes on", every=0.2)


async def test_what_cannot_be_is_refused(
    people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, manager: httpx2.AsyncClient
) -> None:
    chair, hidden = await product(manager, 1), await product(manager, 1, visible=False)
    line = {"product_id": chair, "quantity": 1}
    for body, field in (
        ({"lines": [{**line, "product_id": str(uuid4())}]}, "lines.0.product_id"),
        ({"lines": [{**line, "product_id": hidden}]}, "lines.0.product_id"),
        ({"lines": [{**line, "variant_id": str(uuid4())}]}, "lines.0.variant_id"),
        ({"lines": [{**line, "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{**line, "quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": []}, "lines"),
        ({"quote_id": str(uuid4())}, "quote_id"),
        ({"lines": [line], "customer_id": str(uuid4())}, "customer_id"),
        ({"lines": [line], "unknown": 1}, "unknown"),
    ):
        assert_problem(await customer.post("orders", json=body), 422, field=field)
    assert_problem(await agent.post("orders", json={"lines": [line]}), 422, field="customer_id")
    assert_problem(await customer.post("orders", json={"lines": [{**line, "quantity": 2}]}), 409, "out_of_stock")
    order = (await customer.post("orders", json={"lines": [line], "notes": CANARY})).json()
    path = f"orders/{order['id']}"
    assert_problem(await customer.post(f"{path}/deliver", json={}), 403)
    assert_problem(await agent.post(f"{path}/deliver", json={}), 409, "order_not_ready")
    assert_problem(await customer.post(f"{path}/cancel", json={}), 422, field="reason")
    assert_problem(await (await people.log_in("client@acme.example")).get(path), 404)
    assert (await agent.post(f"{path}/comments", json={"body": CANARY})).status_code == 201
    assert (await customer.post(f"{path}/cancel", json={"reason": CANARY})).status_code == 200
    assert_problem(await customer.post(f"{path}/cancel", json={"reason": CANARY}), 409, "order_cancelled")
    assert_problem(await customer.patch(path, json={"notes": CANARY}), 409, "order_not_request")


async def test_nothing_that_people_wrote_is_in_the_engine(stack: RunningStack, customer: httpx2.AsyncClient) -> None:
    temporal = await stack.temporal()
    orders: list[Json] = (await read(customer, "orders", limit=5))["items"]
    assert orders
    for order in orders:
        handle = temporal.get_workflow_handle(f"order/{order['id']}")
        known = (await handle.describe()).raw_description.SerializeToString()
        known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
        assert CANARY.encode() not in known
        assert b"@globex.example" not in known
