"""Open pages say whether they are live, and catch up on what they have missed."""

import asyncio
from uuid import uuid4

from playwright.async_api import Request, expect

from tests.browser.conftest import Sit
from tests.browser.writing import a_reply
from tests.e2e.desk import open_ticket
from tests.stack.people import People


async def test_without_the_stream_the_page_says_so_and_catches_up(sit: Sit, people: People) -> None:
    address = f"/tickets/{(await open_ticket(await people.log_in('client@acme.example')))['id']}"
    client = await sit("client@acme.example")
    await client.goto(address)
    await expect(client.locator("[data-liveness]")).to_have_text("Live")
    await client.context.set_offline(True)
    await expect(client.locator("[data-liveness]")).to_contain_text("Not live")
    agent = await people.log_in("agent@acme.example")
    await agent.post(f"{address.removeprefix('/')}/messages", json={"body": "While you were away"})
    await client.context.set_offline(False)
    await expect(client.locator(".message.ours")).to_contain_text("While you were away")
    await expect(client.locator("[data-liveness]")).to_have_text("Live")


HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def is_stream(request: Request) -> bool:
    return "/live?" in request.url


async def test_a_hidden_tab_holds_no_connection_and_catches_up(sit: Sit, people: People) -> None:
    reply = await a_reply(people)
    page = await sit(reply.email)
    await page.goto(reply.address)
    await expect(page.locator("[data-liveness]")).to_have_text("Live")
    for over in ("requestfinished", "requestfailed"):
        page.on(over, lambda request: ended.set() if is_stream(request) else None)
    ended = asyncio.Event()
    await page.evaluate(HIDDEN, True)
    await asyncio.wait_for(ended.wait(), 10)
    agent = await people.log_in("agent@acme.example")
    for words in ("While nobody looked", "And once more"):
        await agent.post(f"{reply.address.removeprefix('/')}/messages", json={"body": words})
    await expect(page.locator(".message.ours")).to_have_count(0)
    await page.evaluate(HIDDEN, False)
    await expect(page.locator(".message.ours")).to_have_count(2)

    behind = await page.context.new_page()
    asked: list[str] = []
    behind.on("request", lambda request: asked.append(request.url) if is_stream(request) else None)
    await behind.add_init_script('Object.defineProperty(document, "hidden", { configurable: true, value: true })')
    await behind.goto(reply.address, wait_until="load")
    assert not asked
    await behind.evaluate(HIDDEN, False)
    await expect(behind.locator("[data-liveness]")).to_have_text("Live")
    assert len(asked) == 1


async def test_the_counts_of_views_come_after_the_page_and_change_with_what_happens(sit: Sit, people: People) -> None:
    client, agent, subject = await people.log_in("client@acme.example"), await sit("agent@acme.example"), str(uuid4())
    count = agent.locator("#views [aria-current] .count")
    await open_ticket(client, subject=subject)
    view = {"page": "tickets", "name": subject, "query": f"q={subject}"}
    kept = await (await people.log_in("agent@acme.example")).post("me/views", json=view)
    await agent.goto(f"/tickets?{view['query']}")
    await expect(count).to_have_text("1")
    await expect(agent.locator("[data-liveness]")).to_have_text("Live")
    await open_ticket(client, subject=subject)
    await expect(count).to_have_text("2", timeout=15_000)
    await (await people.log_in("agent@acme.example")).delete(f"me/views/{kept.json()['id']}")
