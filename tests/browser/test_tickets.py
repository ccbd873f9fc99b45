"""A ticket from registering to closing, at two browsers: what one does, the other sees."""

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.browser.conftest import Sit
from tests.browser.hands import HANDS, Hands
from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.web.visitor import Said, saying

SEEN_WITHIN = 5_000


def photo() -> FilePayload:
    drawn = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(drawn, "JPEG")
    return {"name": "oven.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


async def reply(page: Page, words: str) -> None:
    await page.locator("#f-body").fill(words)
    await page.locator("#f-body").press("Control+Enter")
    await expect(page.locator(".message").last).to_contain_text(words)


async def newcomer(sit: Sit, people: People, hands: Hands, said: Said, **given: Any) -> Page:
    """Somebody who registers at acme by its pages, proves the address by the mailed link, and logs in."""
    email, password = f"nora-{uuid4().hex[:12]}@people.example", "Right-of-way-2026"
    page = await sit(java_script_enabled=hands.run_scripts, **given)
    await page.goto("/register?tenant=acme")
    await hands.fill(page.get_by_label(said("Your name")), "Nora Newcomer")
    await hands.fill(page.get_by_label(said("E-mail address")), email)
    await hands.fill(page.get_by_label(said("Password")), password)
    await hands.press(page.get_by_role("button", name=said("Make my account")))
    await page.wait_for_url("**/well/registered")
    await page.goto(f"/verify?token={await token_mailed_to(people, email)}")
    await hands.press(page.get_by_role("button", name=said("Confirm my address")))
    await page.wait_for_url("**/well/confirmed")
    await hands.press(page.get_by_role("link", name=said("Log in")))
    await hands.fill(page.get_by_label(said("E-mail address")), email)
    await hands.fill(page.get_by_label(said("Password")), password)
    await hands.press(page.get_by_role("button", name=said("Log in")))
    await expect(page.locator("body[data-visitor]")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("language", "by"),
    [("fr", "by mouse"), ("en", "by keyboard"), ("en", "without scripts")],
)
async def test_a_customer_asks_and_an_agent_answers(sit: Sit, people: People, language: str, by: str) -> None:
    hands, said, subject = HANDS[by], saying(language), f"The oven stays cold {uuid4().hex[:8]}"
    client = await newcomer(sit, people, hands, said, width=390, locale=language)
    agent = await sit("agent@acme.example", locale=language, java_script_enabled=hands.run_scripts)
    await hands.press(client.get_by_role("link", name=said("Ask us something")))
    await hands.fill(client.get_by_label(said("What it is about")), subject)
    await hands.fill(client.get_by_label(said("What you want to tell us")), "Since this morning.")
    await hands.pick(client.get_by_label(said("How urgent it is")), said("High"))
    await hands.give(client.locator("input[type=file]"), photo())
    await hands.press(client.get_by_role("button", name=said("Send it to us")))
    await expect(client.locator("h1")).to_have_text(subject)
    await expect(client.locator("html")).to_have_attribute("lang", language)
    await expect(client.locator(".by")).to_contain_text(said("You hear from us by"))
    await expect(client.locator("a.file")).to_contain_text("oven.jpg")

    await agent.goto("/tickets")
    await hands.press(agent.get_by_role("link", name=subject))
    waits, promised = agent.locator(".waits"), client.locator(".titled .by")
    await expect(waits).to_contain_text(said("Waits for us."))
    if hands.run_scripts:
        await client.evaluate("window.isStillOpen = true")
        for page in (client, agent):
            await expect(page.locator("[data-liveness]")).to_have_text(said("Live"))
    await hands.fill(agent.locator("#f-body"), "We come at two.")
    await hands.press(agent.get_by_role("button", name=re.compile(f"^{said('Send')}")))
    await expect(agent.locator(".message.ours")).to_contain_text("We come at two.")
    await hands.look_again(client)
    await expect(client.locator(".message.ours")).to_contain_text("We come at two.", timeout=SEEN_WITHIN)
    await hands.fill(client.locator("#f-body"), "Half a sen")
    await hands.pick(agent.locator("#set-status"), said("Resolved"))
    await hands.press(agent.locator("form[action$='/status'] button"))
    await expect(waits).to_contain_text(said("Resolved."))
    await hands.look_again(client)
    await expect(promised).to_have_text(said("Done. Write again if it is not."))
    await expect(client.locator("#reopens")).to_have_text(said("Your reply opens the request again."))
    if hands.run_scripts:
        await expect(client.locator("#f-body")).to_have_value("Half a sen")
        assert await client.evaluate("window.isStillOpen")
    await hands.fill(client.locator("#f-body"), "It is cold still.")
    await hands.press(client.get_by_role("button", name=said("Send"), exact=True))
    await expect(client.locator(".message").last).to_contain_text("It is cold still.")
    await hands.look_again(agent)
    await expect(waits).to_contain_text(said("Waits for us."), timeout=SEEN_WITHIN)
    await hands.fill(agent.locator("#f-body"), "Then once more.")
    await hands.pick(agent.locator("#f-status"), said("Resolved"))
    await hands.press(agent.get_by_role("button", name=re.compile(f"^{said('Send')}")))
    await expect(waits).to_contain_text(said("Resolved."))
    await hands.pick(agent.locator("#set-status"), said("Closed"))
    await hands.press(agent.locator("form[action$='/status'] button"))
    await expect(waits).to_contain_text(said("Nothing waits."))
    await hands.look_again(client)
    await expect(promised).to_have_text(said("Closed"), timeout=SEEN_WITHIN)


async def test_a_half_written_reply_is_there_again(sit: Sit) -> None:
    client = await sit("client@acme.example")
    await client.goto("/tickets/new")
    await client.get_by_label("What it is about").fill(f"Half {uuid4().hex[:8]}")
    async with client.expect_response(re.compile("/drafts/")):
        await client.get_by_label("What you want to tell us").fill("Half an hour's words")
    elsewhere = await sit("client@acme.example")
    await elsewhere.goto("/tickets/new")
    await expect(elsewhere.get_by_label("What you want to tell us")).to_have_value("Half an hour's words")
    another = await sit("client2@acme.example")
    await another.goto("/tickets/new")
    await expect(another.get_by_label("What you want to tell us")).to_have_value("")
    await client.goto("/tickets")
    await client.goto("/tickets/new")
    await client.get_by_role("button", name="Send it to us").click()
    await client.wait_for_url(re.compile("/tickets/[0-9a-f-]{36}$"))
    await elsewhere.reload()
    await expect(elsewhere.get_by_label("What you want to tell us")).to_have_value("")


async def test_every_key_does_what_the_list_says(sit: Sit, people: People) -> None:
    client = await people.log_in("client@acme.example")
    ticket = (await client.post("tickets", json={"subject": "Keys", "body": "Keys"})).json()
    agent = await sit("agent@acme.example")
    await agent.goto(f"/tickets/{ticket['id']}")
    await agent.keyboard.press("?")
    said = await agent.locator("#keys dt").all_text_contents()
    assert {"R", "N", "S", "P", "A", "I", "G T", "G I"} <= set(said)
    await agent.keyboard.press("Escape")
    for key, focused in (("r", "#f-body"), ("s", "#set-status"), ("p", "#set-priority"), ("a", "#set-assignee_id")):
        await agent.keyboard.press(key)
        await expect(agent.locator(focused)).to_be_focused()
        await agent.keyboard.press("Escape")
    await agent.keyboard.press("n")
    await expect(agent.locator("[name=internal][value=yes]")).to_be_checked()
    await agent.locator("#f-body").press_sequentially("nsp?gt")
    await expect(agent.locator("#f-body")).to_have_value("nsp?gt")
    await agent.keyboard.press("Escape")
    await agent.keyboard.press("g")
    await agent.keyboard.press("t")
    await agent.wait_for_url(re.compile("/tickets$"))
    await agent.keyboard.press("j")
    await agent.keyboard.press("o")
    await agent.wait_for_url(re.compile("/tickets/[0-9a-f-]{36}$"))
    await agent.goto("/tickets")
    for key, focused in (("/", "[name=q][type=search]"), ("j", "tr.here a")):
        await agent.keyboard.press(key)
        await expect(agent.locator(focused)).to_be_focused()
        await agent.keyboard.press("Escape")
    await agent.keyboard.press("c")
    await agent.wait_for_url("**/tickets/new")
    await agent.goto(f"/tickets/{ticket['id']}")
    await agent.keyboard.press("Control+k")
    await agent.keyboard.type("assign to me")
    await agent.keyboard.press("Enter")
    await expect(agent.locator("#set-assignee_id option:checked")).to_have_text("Agent of Acme")


async def test_keys_are_off_when_they_are_switched_off(sit: Sit, people: People) -> None:
    client, me = await people.log_in("client@acme.example"), await people.log_in("agent2@acme.example")
    ticket = (await client.post("tickets", json={"subject": "Keys", "body": "Keys"})).json()
    assert (await me.patch("me", json={"single_keys": "off"})).status_code == 200
    agent = await sit("agent2@acme.example")
    await agent.goto(f"/tickets/{ticket['id']}")
    for key in ("?", "n", "r", "i", "g", "t"):
        await agent.keyboard.press(key)
    assert await agent.evaluate("document.activeElement === document.body")
    assert agent.url.endswith(ticket["id"])
    await expect(agent.locator("#keys")).to_be_hidden()
    await expect(agent.locator("[name=internal][value=yes]")).not_to_be_checked()
    await me.patch("me", json={"single_keys": None})
