"""A quote from its first line to its acceptance on a phone."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Sit
from tests.e2e.quotes import kinds, link_of
from tests.stack.people import People


async def test_it_is_written_approved_and_accepted_by_its_link(sit: Sit, people: People) -> None:
    api = await people.log_in("agent@globex.example")
    await api.delete("drafts/quotes/new")
    agent = await sit("agent@globex.example")
    await agent.goto("/quotes/new")
    await agent.get_by_role("link", name="Client of Globex").first.click()
    await agent.get_by_label("What it is", exact=True).fill("Repair of the oven")
    await agent.get_by_label("Quantity").fill("2")
    await agent.get_by_label("Price").fill("9000000")
    await agent.get_by_label("Discount on all of it").click()
    await expect(agent.locator("#sums")).to_contain_text("above the limits")
    await agent.locator("main form button.primary").first.click()
    await agent.wait_for_url(re.compile("/quotes/[0-9a-f-]{36}$"))
    address = agent.url
    quote = (await api.get(f"quotes/{address.rpartition('/')[2]}")).json()
    await agent.get_by_role("button", name="Hand it in for approval").click()
    await expect(agent.locator(".waits")).to_contain_text("Waits for a manager's approval.")

    manager = await sit("manager@globex.example")
    await manager.goto(address)
    await manager.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(agent.locator(".waits")).to_contain_text("Waits to be sent.")
    await agent.get_by_role("button", name="Send it to the customer").click()
    await expect(agent.locator(".waits")).to_contain_text("Waits for the customer's answer.")

    somebody = await sit(width=390)
    await somebody.goto(f"/q/{await link_of(people, quote)}")
    await somebody.get_by_label("Your full name").fill("Samia Haddad")
    await somebody.get_by_role("button", name=re.compile("^Accept")).dblclick()
    await expect(somebody.get_by_role("heading", name="You have accepted")).to_be_visible()
    await expect(agent.locator(".waits")).to_contain_text("Waits to become an order.")
    assert (await kinds(api, quote)).count("accepted") == 1
