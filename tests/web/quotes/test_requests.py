"""Requests for a quote and products, in browsers without scripts: the same as by the API."""

import re
from uuid import uuid4

import pytest

from tests.e2e.desk import read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.browser import Browser, form_to


async def test_a_product_is_added_found_and_changed(people: People, stack: RunningStack) -> None:
    manager = await Browser.of(stack.address, "manager@globex.example")
    sku = f"P-{uuid4()}"
    page = await manager.get("/products/new")
    wrong = await manager.send(page, "/products/new", name="Relay", sku=sku, unit_price="dear")
    assert (wrong.status_code, 'id="p-unit_price"' in wrong.text) == (422, True)
    led = await manager.send(wrong, "/products/new", unit_price="348.35", summary="Kept in stock")
    here = led.headers["location"]
    assert sku in (await manager.get(f"/products?q={sku}")).text or "Relay" in (await manager.get("/products")).text
    taken = await manager.send(page, "/products/new", name="Relay", sku=sku, unit_price="1")
    api = await people.log_in("manager@globex.example")
    by_api = await api.post("products", json={"name": "Relay", "sku": sku, "unit_price": 100})
    assert (taken.status_code, by_api.status_code, by_api.json()["code"]) == (409, 409, "sku_taken")
    assert by_api.json()["detail"] in taken.text

    page = await manager.get(here)
    assert form_to(page, here).fields["unit_price"] == "348.35"
    changed = await manager.send(page, here, unit_price="350", tax_rate_bp="9", summary="")
    assert changed.headers["location"] == here
    product = await read(api, here.removeprefix("/"))
    assert [product[name] for name in ("unit_price", "tax_rate_bp", "summary", "visible")] == [35_000, 900, None, True]
    agent = await Browser.of(stack.address, "agent@globex.example")
    assert (await agent.get("/products/new")).status_code == 403
    for browser in (manager, agent):
        await browser.close()


async def test_a_request_is_followed_until_its_quote(people: People, stack: RunningStack) -> None:
    client, agent = [await Browser.of(stack.address, f"{who}@globex.example") for who in ("client", "agent")]
    manager = await people.log_in("manager@globex.example")
    body = {"sku": f"W-{uuid4()}", "name": f"Wished {uuid4()}", "unit_price": 5_000}
    wished = (await manager.post("products", json=body)).json()
    page = await client.get("/quote-requests/new")
    assert (await client.send(page, "/quote-requests/new", description="")).status_code == 422
    typed = {"description": "Canary: two relays", "product_ids": wished["id"]}
    here = (await client.send(page, "/quote-requests/new", **typed)).headers["location"]
    assert body["name"] in (await client.get(here)).text
    assert "Canary: two relays" in (await agent.get("/quote-requests")).text

    offered = re.search(r'href="(/quotes/new\?request_id=[^"]+)"', (await agent.get(here)).text)
    assert offered
    page = await agent.get(offered[1])
    assert form_to(page, "/quotes/new").fields["lines.0.unit_price"] == "50.00"
    quote = (await agent.send(page, "/quotes/new")).headers["location"]

    async def answered() -> bool:
        return quote in (await agent.get(here)).text

    await eventually(answered, "the request learns of its quote")
    assert quote not in (await client.get(here)).text, "it is not theirs to see yet"
    for deed in ("submit", "send"):
        assert (await agent.send(await agent.get(quote), f"{quote}/{deed}")).status_code == 303
    assert quote in (await client.get(here)).text
    for browser in (client, agent):
        await browser.close()


async def test_a_request_is_declined_with_a_reason_that_its_customer_reads(people: People, stack: RunningStack) -> None:
    client, agent = [await Browser.of(stack.address, f"{who}@globex.example") for who in ("client", "agent")]
    customer = await people.log_in("client@globex.example")
    asked = (await customer.post("quote-requests", json={"description": "Canary: the moon"})).json()
    here = f"/quote-requests/{asked['id']}"
    page = await agent.get(here)
    action = next(found for found in re.findall(r'action="([^"]+)"', page.text) if "/settle/" in found)
    silent = await agent.send(page, action, decision="reject")
    assert (silent.status_code, 'id="p-reason"' in silent.text) == (422, True)
    assert (await agent.send(page, action, decision="reject", reason="Canary: too far")).headers["location"] == here
    assert "Canary: too far" in (await client.get(here)).text
    for browser in (client, agent):
        await browser.close()


@pytest.mark.parametrize("path", ["/quotes", "/quotes/new", "/quote-requests", "/quote-requests/new", "/products"])
async def test_who_has_not_logged_in_is_led_to_the_login(stack: RunningStack, path: str) -> None:
    nobody = Browser(stack.address)
    assert (await nobody.get(path)).headers["location"] == f"/login?next={path}"
    await nobody.close()


async def test_customers_write_no_quotes(stack: RunningStack) -> None:
    client = await Browser.of(stack.address, "client@globex.example")
    for path in ("/quotes/new", "/products/new", f"/products/{uuid4()}"):
        assert (await client.get(path)).status_code == 403
    await client.close()
