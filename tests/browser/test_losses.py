"""Nothing is lost and nothing done twice while sessions end, pages are left, and the stream goes away."""

import re
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.browser.conftest import Sit, log_in
from tests.stack.people import People


async def ticket_of(people: People) -> str:
    client = await people.log_in("client@acme.example")
    answer = await client.post("tickets", json={"subject": "Losses", "body": "Losses"})
    return f"/tickets/{answer.json()['id']}"


async def said(page: Page, words: str) -> int:
    return await page.locator(".message", has_text=words).count()


async def test_a_session_ends_under_a_half_written_reply(sit: Sit, people: People) -> None:
    address, words = await ticket_of(people), f"Words {uuid4().hex}"
    client = await sit("client@acme.example")
    await client.goto(address)
    await client.locator("#f-body").fill(words)
    await client.context.clear_cookies()
    await client.get_by_role("button", name="Send", exact=True).click()
    await expect(client.get_by_text("Nothing was sent.")).to_be_visible()
    await client.get_by_label("E-mail address").fill("client@acme.example")
    await client.locator("input[type=password]").fill("Casewright-demo-2026!")
    await client.locator("form.decide button[type=submit]").click()
    await expect(client.locator("#f-body")).to_have_value(words)
    assert await said(client, words) == 0
    await client.get_by_role("button", name="Send", exact=True).click()
    await expect(client.locator(".message").last).to_contain_text(words)
    await expect(client.locator("#f-body")).to_have_value("")
    assert await said(client, words) == 1


async def test_back_and_sent_again_is_said_once(sit: Sit, people: People) -> None:
    address, words = await ticket_of(people), f"Words {uuid4().hex}"
    client = await sit("client@acme.example")
    await client.goto(address)
    await client.locator("#f-body").fill(words)
    await client.get_by_role("button", name="Send", exact=True).dblclick()
    await expect(client.locator(".message").last).to_contain_text(words)
    await client.go_back()
    await client.goto(address)
    assert await said(client, words) == 1


async def test_another_account_at_the_browser_sees_nothing_of_it(sit: Sit, people: People) -> None:
    client = await sit("client@acme.example")
    words = f"Words {uuid4().hex}"
    await client.goto("/tickets/new")
    await client.get_by_label("What you want to tell us").fill(words)
    await client.goto("/account")
    await client.get_by_role("button", name="Log out").first.click()
    await client.wait_for_url(re.compile("/login"))
    assert words not in str(await client.evaluate("JSON.stringify(localStorage)"))
    await log_in(client, "client2@acme.example")
    await client.goto("/tickets/new")
    await expect(client.get_by_label("What you want to tell us")).to_have_value("")


async def test_without_the_stream_the_page_says_so_and_catches_up(sit: Sit, people: People) -> None:
    address = await ticket_of(people)
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
