"""A quote from its first line to its acceptance on a phone, and what its links say afterwards."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import expect

from ops.embedded.secrets import load_or_create
from stores.quotes.links import quote_token
from stores.signed_tokens import SignedTokens
from tests.browser.conftest import Sit
from tests.browser.hands import HANDS
from tests.e2e.desk import read
from tests.e2e.quotes import do, kinds, link_of, sent_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.web.visitor import saying
from web.http.languages import LANGUAGES


@pytest.mark.parametrize(
    ("language", "by"),
    [("fr", "by mouse"), ("en", "by keyboard"), ("en", "without scripts")],
)
async def test_it_is_written_approved_and_accepted_by_its_link(
    sit: Sit, people: People, language: str, by: str
) -> None:
    hands, said = HANDS[by], saying(language)
    api = await people.log_in("agent@globex.example")
    await api.delete("drafts/quotes/new")
    agent = await sit("agent@globex.example", locale=language, java_script_enabled=hands.run_scripts)
    await agent.goto("/quotes/new")
    await hands.press(agent.get_by_role("link", name="Client of Globex").first)
    await hands.fill(agent.get_by_label(said("What it is"), exact=True).first, "Repair of the oven")
    await hands.fill(agent.get_by_label(said("Quantity")).first, "2")
    await hands.fill(agent.get_by_label(said("Price")).first, "9000000")
    await hands.press(agent.get_by_role("button", name=said("Add a line")))
    await hands.fill(agent.get_by_label(said("What it is"), exact=True).nth(1), "The way there")
    await hands.fill(agent.get_by_label(said("Quantity")).nth(1), "1")
    await hands.fill(agent.get_by_label(said("Price")).nth(1), "1000")
    await hands.press(agent.get_by_role("button", name=said("Up")))
    await expect(agent.get_by_label(said("What it is"), exact=True).first).to_have_value("The way there")
    above = said("This is above the limits: a manager will have to approve it.")
    await expect(agent.locator("#sums")).to_contain_text(above)
    await hands.press(agent.get_by_role("button", name=said("Write the draft")))
    await agent.wait_for_url(re.compile("/quotes/[0-9a-f-]{36}$"))
    address = agent.url
    quote = await read(api, f"quotes/{address.rpartition('/')[2]}")
    await hands.press(agent.get_by_role("button", name=said("Hand it in for approval")))
    waits = agent.locator(".waits")
    await expect(waits).to_contain_text(said("Waits for a manager's approval."))

    manager = await sit("manager@globex.example", locale=language, java_script_enabled=hands.run_scripts)
    await manager.goto(address)
    await hands.press(manager.locator("button[name=decision][value=approve]"))
    await expect(manager.locator(".waits")).to_contain_text(said("Waits to be sent."))
    await hands.look_again(agent)
    await expect(waits).to_contain_text(said("Waits to be sent."))
    await hands.press(agent.get_by_role("button", name=said("Send it to the customer")))
    await expect(waits).to_contain_text(said("Waits for the customer's answer."))

    somebody = await sit(width=390, locale=language, java_script_enabled=hands.run_scripts)
    await somebody.goto(f"/q/{await link_of(people, quote)}")
    if language != "en":
        # The quote is written in its customer's language; who reads it chooses another.
        await hands.press(somebody.get_by_role("button", name=LANGUAGES[language]))
    await hands.fill(somebody.get_by_label(said("Your full name")), "Samia Haddad")
    accept = somebody.locator("form[action$='/accept'] button.primary")
    if by != "by keyboard":
        await accept.dblclick()
    else:
        await hands.press(accept)
    await expect(somebody.get_by_role("heading", name=said("You have accepted"))).to_be_visible()
    await hands.look_again(agent)
    await expect(waits).to_contain_text(said("Waits to become an order."))
    assert (await kinds(api, quote)).count("accepted") == 1


async def test_a_link_says_what_became_of_its_quote(sit: Sit, people: People, stack: RunningStack) -> None:
    agent, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    somebody = await sit(width=390)
    declined, replaced, expired = [await sent_quote(agent, customer) for _ in range(3)]
    await do(agent, replaced, "new-version")
    await somebody.goto(f"/q/{await link_of(people, replaced)}")
    await expect(somebody.locator("main")).to_contain_text("newer version")

    await somebody.goto(f"/q/{await link_of(people, declined)}")
    await somebody.get_by_text("Decline instead").click()
    await somebody.get_by_label("Why, so that we can do better").fill("Too dear.")
    await somebody.get_by_role("button", name="Decline the quote").click()
    await expect(somebody.locator("main")).to_contain_text("declined")

    now = datetime.now(UTC)
    signed = SignedTokens(load_or_create(stack.home).jwt_private_key)
    tenant_id = UUID((await read(agent, "me"))["tenant"]["id"])
    late = {"sent_at": now - timedelta(days=9), "valid_until": now - timedelta(seconds=1)}
    await somebody.goto(f"/q/{quote_token(signed, tenant_id, UUID(expired['id']), **late)}")
    await expect(somebody.locator("main")).to_contain_text("has expired")
