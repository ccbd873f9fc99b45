"""Quotes as staff write them and customers answer them, in browsers without scripts, as by the API."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.desk import read
from tests.e2e.quotes import do, kinds, write_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.web.browser import Browser, form_to

_ID = r"/quotes/([0-9a-f-]{36})"


@pytest.fixture(scope="module")
async def agent(stack: RunningStack) -> AsyncIterator[Browser]:
    browser = await Browser.of(stack.address, "agent@globex.example")
    yield browser
    await browser.close()


@pytest.fixture(scope="module")
async def manager(stack: RunningStack) -> AsyncIterator[Browser]:
    browser = await Browser.of(stack.address, "manager@globex.example")
    yield browser
    await browser.close()


@pytest.fixture(scope="module")
async def client(stack: RunningStack) -> AsyncIterator[Browser]:
    browser = await Browser.of(stack.address, "client@globex.example")
    yield browser
    await browser.close()


async def _new(agent: Browser, people: People) -> httpx2.Response:
    """The form of a new quote for globex's customer."""
    me = await read(await people.log_in("client@globex.example"), "me")
    return await agent.get(f"/quotes/new?customer_id={me['customer']['id']}")


async def _asked_of(people: People, quote_id: str) -> list[tuple[str, Any]]:
    """What was asked of a quote, by the commands that were written down, without ids."""
    admin = await people.log_in("admin@globex.example")
    timeline = await read(admin, f"quotes/{quote_id}/timeline")
    return [(event["kind"], event["reason"]) for event in timeline["items"]]


async def test_a_quote_is_written_as_by_the_api(people: People, agent: Browser) -> None:
    page = await _new(agent, people)
    typed = {"lines.0.name": "Chair", "lines.0.quantity": "2.5", "lines.0.unit_price": "100"}

    async def press(page: httpx2.Response, deed: str, **typed: str) -> httpx2.Response:
        fields = form_to(page, "/quotes/new").fields | typed
        return await agent.post("/quotes/new/lines", fields | {"do": deed})

    page = await press(page, "add", **typed)
    assert "297.50" in page.text, "2.5 chairs at 100.00 with the usual 19 %"
    page = await press(page, "count", **{"lines.1.name": "Table", "lines.1.unit_price": "seven"})
    assert 'id="p-lines.1.unit_price"' in page.text
    page = await press(page, "up:1", **{"lines.1.unit_price": "7"})
    form = form_to(page, "/quotes/new")
    assert [form.fields[f"lines.{place}.name"] for place in (0, 1)] == ["Table", "Chair"]
    page = await press(page, "away:0")
    form = form_to(page, "/quotes/new")
    assert (form.fields["lines.0.name"], "lines.1.name" in form.fields) == ("Chair", False)

    refused = await agent.post("/quotes/new", form.fields | {"lines.0.quantity": "0"})
    assert (refused.status_code, form_to(refused, "/quotes/new").fields["lines.0.name"]) == (422, "Chair")
    assert 'id="p-lines.0.quantity"' in refused.text
    twice = [await agent.post("/quotes/new", form.fields) for _ in range(2)]
    assert twice[0].headers["location"] == twice[1].headers["location"]
    quote_id = re.fullmatch(_ID, twice[0].headers["location"])[1]  # type: ignore[index]

    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    by_page = await read(author, f"quotes/{quote_id}")
    by_api = await write_quote(author, customer, lines=[{"name": "Chair", "quantity": "2.5", "unit_price": 10_000}])
    same = ("status", "author_id", "customer_id", "currency", "total", "taxes", "valid_days", "version")
    assert {name: by_page[name] for name in same} == {name: by_api[name] for name in same}
    assert await kinds(author, by_page) == await kinds(author, by_api)


async def test_above_the_limits_another_person_approves(people: People, agent: Browser, manager: Browser) -> None:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await write_quote(author, customer, discount_bp=2_500)
    here = f"/quotes/{quote['id']}"
    assert (await agent.send(await agent.get(here), f"{here}/submit")).headers["location"] == here
    assert "approval/" not in (await agent.get(here)).text, "who asks does not approve"
    page = await manager.get(here)
    action = next(found for found in re.findall(r'action="([^"]+)"', page.text) if "/approval/" in found)
    silent = await manager.send(page, action, decision="reject")
    assert (silent.status_code, 'id="p-reason"' in silent.text) == (422, True)
    done = await manager.send(page, action, decision="reject", reason="Canary: too cheap")
    assert done.headers["location"] == here
    assert "Canary: too cheap" in (await agent.get(here)).text
    assert (await _asked_of(people, quote["id"]))[-1] == ("rejected", "Canary: too cheap")

    # A change makes it a draft again; within the limits it goes out at once.
    edit = await agent.get(f"{here}/edit")
    assert (await agent.send(edit, f"{here}/edit", discount_bp="5")).headers["location"] == here
    fields = form_to(edit, f"{here}/edit").fields | {"_key": str(uuid4()), "notes": "Canary: of an old page"}
    overtaken = await agent.post(f"{here}/edit", fields)
    assert (overtaken.status_code, "Canary: of an old page" in overtaken.text) == (412, True)
    for deed in ("submit", "send"):
        assert (await agent.send(await agent.get(here), f"{here}/{deed}")).status_code == 303
    assert (await kinds(author, quote))[-3:] == ["edited", "approved_within_limits", "sent"]
    late = await agent.get(f"{here}/edit")
    assert late.status_code == 409


async def test_its_customer_answers_it(people: People, agent: Browser, client: Browser) -> None:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await write_quote(author, customer)
    here = f"/quotes/{quote['id']}"
    assert (await client.get(here)).status_code == 404, "a draft is not theirs to see"
    await do(author, quote, "submit")
    await do(author, quote, "send")
    page = await client.get(here)
    assert form_to(page, f"{here}/accept").fields["name"], "the name stands there already"
    assert quote["number"] in (await client.get("/quotes")).text
    assert (await client.send(page, f"{here}/accept", name="Carl")).headers["location"] == here
    late = await client.send(page, f"{here}/decline", reason="Canary")
    by_api = await customer.post(f"quotes/{quote['id']}/decline", json={"reason": "Canary"})
    assert (late.status_code, by_api.status_code) == (409, 409)
    assert by_api.json()["detail"] in late.text
    page = await agent.get(here)
    assert "Carl" in page.text
    assert (await agent.send(page, f"{here}/convert")).headers["location"] == here


async def test_versions_stand_side_by_side(people: People, agent: Browser) -> None:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await write_quote(author, customer)
    here = f"/quotes/{quote['id']}"
    for deed in ("submit", "send"):
        await do(author, quote, deed)
    led = (await agent.send(await agent.get(here), f"{here}/new-version")).headers["location"]
    second = re.match(_ID, led)[1]  # type: ignore[index]
    edit = await agent.get(led)
    assert (await agent.send(edit, led, **{"lines.0.name": "Another chair"})).status_code == 303
    beside = (await agent.get(f"/quotes/{second}?beside={quote['id']}")).text
    assert all(word in beside for word in ("A chair", "Another chair", "taken away"))


@pytest.mark.parametrize("who", ["client2@globex.example", "agent@acme.example"])
async def test_another_persons_quote_is_not_there(people: People, stack: RunningStack, who: str) -> None:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await write_quote(author, customer)
    for deed in ("submit", "send"):
        await do(author, quote, deed)
    other = await Browser.of(stack.address, who)
    for path in ("", "/pdf", "/edit", f"?beside={quote['id']}"):
        assert (await other.get(f"/quotes/{quote['id']}{path}")).status_code in (403, 404)
    await other.close()
