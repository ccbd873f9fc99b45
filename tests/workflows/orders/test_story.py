"""What people, stock and time do to an order that goes well."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from tests.workflows.orders.life import OrderLife, asks_for, places, product, receive, settings
from tests.workflows.quotes.life import write_quote
from tests.workflows.world import World, eventually

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def unset(world: World) -> AsyncIterator[None]:
    """Orders are looked at by nobody, unless a test says otherwise."""
    await settings(world, validate_direct=False, payment_first=True)
    yield
    await settings(world, validate_direct=True, validate_above=None, payment_first=True, validation_hours=24)


async def test_from_the_request_to_the_delivery(world: World) -> None:
    await settings(world, validate_direct=True, validation_hours=1_000)
    chair, table = await product(world), await product(world, pieces=None)
    life = await places(world, {"product_id": chair, "quantity": 2}, {"product_id": table, "quantity": 1})
    assert life.number.startswith("ORD-")
    assert (life.opened["status"], life.opened["stock"], life.opened["total"]) == ("request", "none", 35_700)
    [look] = await life.waits_for_people("order_validation")
    assert datetime.fromisoformat(look["due_at"]) > await world.now() + 30 * A_DAY
    assert (await life.decides(look, "approve", who="agent")).status_code == 200
    await life.refused("agent", "deliver", "order_not_ready")
    await life.in_progress()
    await life.refused("client", "cancel", "order_in_progress", reason="Canary")
    for position in (1, 2):
        assert (await life.decides(await life.line(position), "done")).status_code == 200
        if position == 1:
            await life.refused("agent", "deliver", "order_not_fulfilled")
    delivered = await life.done("agent", "deliver", proof="Canary signature")
    assert delivered["status"] == "delivered"
    await life.refused("agent", "cancel", "order_delivered", reason="Canary")
    assert await life.kinds() == [
        *("opened", "validated", "stock_claimed", "invoiced", "invoice_issued", "invoice_paid"),
        *("fulfilment_begun", "line_fulfilled", "line_fulfilled", "delivered"),
    ]
    assert [subject.partition("[")[0] for subject in await life.mails(1)] == ["client@acme.example: "]


async def test_it_can_be_changed_until_somebody_has_looked_at_it(world: World) -> None:
    await settings(world, validate_direct=True)
    chair = await product(world)
    life = await places(world, {"product_id": chair, "quantity": 1}, notes="Canary notes")
    client = await world.person("client")
    changed = await client.patch(life.url, json={"lines": [{"product_id": chair, "quantity": 3}]})
    assert (changed.status_code, changed.json()["subtotal"], changed.json()["notes"]) == (200, 30_000, "Canary notes")
    [look] = await life.waits_for_people("order_validation")
    await life.decides(look, "approve")
    await life.has(invoice="issued")
    late = await client.patch(life.url, json={"notes": "too late"})
    assert (late.status_code, late.json()["code"]) == (409, "order_not_request")


async def test_delivered_first_it_is_paid_when_it_is_paid(world: World) -> None:
    await settings(world, payment_first=False)
    life = await places(world, {"product_id": await product(world), "quantity": 1})
    await life.has(status="in_progress")
    await life.decides(await life.line(1), "done")
    await life.done("agent", "deliver")
    await life.paid()
    assert (await life.has(invoice="paid"))["status"] == "delivered"


async def test_a_backorder_is_served_in_its_turn(world: World) -> None:
    chair = await product(world, pieces=1, out_of_stock="backorder")
    first = await places(world, {"product_id": chair, "quantity": 2})
    second = await places(world, {"product_id": chair, "quantity": 1})
    assert (first.opened["stock"], second.opened["stock"], first.opened["backorder"]) == ("waiting", "waiting", True)
    await receive(world, chair, 1)
    await first.has(stock="reserved", invoice="issued")
    assert (await second.read())["stock"] == "waiting"
    await first.done("client", "cancel", reason="Canary")
    await second.has(stock="reserved", invoice="issued")
    await first.balances()


async def test_of_what_is_not_there_nothing_is_sold(world: World) -> None:
    chair = await product(world, pieces=3)
    two = {"product_id": chair, "quantity": 2}
    assert [(await asks_for(world, two, two)).json()["code"]] == ["out_of_stock"]
    answers = await asyncio.gather(*(asks_for(world, two) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"out_of_stock"}


async def test_the_last_piece_is_ordered_again_with_the_same_key(world: World) -> None:
    client, key = await world.person("client"), {"Idempotency-Key": str(uuid.uuid4())}
    body = {"lines": [{"product_id": await product(world, pieces=1), "quantity": 1}]}
    first, again = [await client.post("/orders", json=body, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["id"], first.json()["stock"]) == (again.json()["id"], "reserved")
    assert (await client.post("/orders", json=body)).json()["code"] == "out_of_stock"


async def test_an_order_of_nothing_to_pay_has_no_invoice(world: World) -> None:
    life = await places(world, {"product_id": await product(world, unit_price=0), "quantity": 1})
    assert (await life.has(status="in_progress"))["invoice"] == "none"


async def test_an_accepted_quote_becomes_one_order(world: World) -> None:
    await settings(world, validate_direct=True)
    quote = await write_quote(world)
    early = await asks_for(world, quote_id=quote.id)
    assert early.status_code == 422
    await quote.sent()
    sent = await asks_for(world, quote_id=quote.id)
    assert (sent.status_code, sent.json()["code"]) == (409, "quote_not_accepted")
    await quote.done("client", "accept", name="Canary")
    answers = await asyncio.gather(
        *(asks_for(world, quote_id=quote.id, by=who) for who in ("client", "agent") * 2),
        *(quote.does(who, "convert") for who in ("client", "agent")),
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"quote_converted"}
    [placed] = [answer.json() for answer in answers if answer.status_code == 201]
    assert (placed["status"], placed["total"], placed["lines"][0]["name"]) == ("validated", 29_750, "Canary line")
    await eventually(quote.read, lambda read: read["status"] == "converted")
    await OrderLife(world, placed).in_progress()


async def test_a_quote_above_the_limit_is_looked_at(world: World) -> None:
    await settings(world, validate_above=29_749)
    quote = await write_quote(world)
    await quote.sent()
    await quote.done("client", "accept", name="Canary")
    life = await places(world, quote_id=quote.id)
    assert life.opened["status"] == "request"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": [{"product_id": "0190a0a0-0000-7000-8000-000000000000", "quantity": 1}]}, "lines.0.product_id"),
        ({"lines": [{"variant_id": "0190a0a0-0000-7000-8000-000000000000", "quantity": 1}]}, "lines.0.variant_id"),
        ({"quote_id": "0190a0a0-0000-7000-8000-000000000000"}, "quote_id"),
        ({"lines": []}, "lines"),
        ({}, "body"),
    ],
)
async def test_what_cannot_be_ordered(world: World, body: dict[str, object], field: str) -> None:
    answer = await (await world.person("client")).post("/orders", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_staff_talk_about_it_among_themselves(world: World) -> None:
    life = await places(world, {"product_id": await product(world), "quantity": 1})
    written = await life.does("agent", "comments", body="Canary comment")
    assert written.status_code == 201
    listed = await (await world.person("manager")).get(f"{life.url}/comments")
    assert [comment["body"] for comment in listed.json()["items"]] == ["Canary comment"]
    assert (await (await world.person("client")).get(f"{life.url}/comments")).status_code == 403


async def test_quote_order_invoice_and_ticket_are_one_story(world: World) -> None:
    client, agent = await world.person("client"), await world.person("agent")
    customer = (await client.get("/me")).json()["customer"]["id"]
    story = str(uuid.uuid4())
    for person in (client, agent):
        person.headers["X-Correlation-ID"] = story
    try:
        quote = await write_quote(world)
        await quote.sent()
        await quote.done("client", "accept", name="Canary")
        life = await places(world, quote_id=quote.id)
        await life.has(invoice="issued")
        await eventually(quote.read, lambda read: read["status"] == "converted")
        await world.open_ticket()
    finally:
        for person in (client, agent):
            del person.headers["X-Correlation-ID"]

    async def told(who: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        query: dict[str, str | int] = {"limit": 40}
        while True:
            page = (await (await world.person(who)).get(f"/customers/{customer}/timeline", params=query)).json()
            found += [(e["case"]["kind"], e["kind"]) for e in page["items"] if e["correlation_id"] == story]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    seen = await told("agent")
    places_in_it = [seen.index(event) for event in CAUSES]
    assert places_in_it == sorted(places_in_it)
    assert seen.index(("order", "opened")) < seen.index(("quote", "converted"))
    assert ("quote", "approved_within_limits") not in await told("client")
    assert (await (await world.person("client@globex")).get(f"/customers/{customer}/timeline")).status_code == 404


CAUSES = [
    *(("quote", kind) for kind in ("opened", "approved_within_limits", "sent", "accepted")),
    *(("order", "opened"), ("order", "invoiced"), ("invoice", "issued"), ("order", "invoice_issued")),
    ("ticket", "opened"),
]
"""Each has led to the next."""
