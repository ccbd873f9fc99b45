"""A ticket from registering to closing, at two browsers: what one does, the other sees."""

import re
from io import BytesIO
from uuid import uuid4

from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.conftest import Sit
from tests.stack.people import People
from tests.web.visitor import saying

SEEN_WITHIN = 5_000


def photo() -> dict[str, object]:
    drawn = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(drawn, "JPEG")
    return {"name": "oven.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


async def reply(page: Page, words: str) -> None:
    await page.locator("#f-body").fill(words)
    await page.locator("#f-body").press("Control+Enter")
    await expect(page.locator(".message").last).to_contain_text(words)


async def test_a_customer_asks_and_an_agent_answers(sit: Sit) -> None:
    client, agent = await sit("client@acme.example", width=390), await sit("agent@acme.example")
    await client.get_by_role("link", name="Ask us something").click()
    await client.get_by_label("What it is about").fill("The oven stays cold")
    await client.get_by_label("What you want to tell us").fill("Since this morning.")
    await client.locator("input[type=file]").set_input_files([photo()])  # type: ignore[list-item]
    await expect(client.locator("[data-chosen] input[name=file_ids]")).to_have_count(1)
    await client.get_by_role("button", name="Send it to us").click()
    await expect(client.locator("h1")).to_have_text("The oven stays cold")
    await expect(client.locator("a.file")).to_contain_text("oven.jpg")

    await agent.goto(client.url)
    await expect(agent.locator("[data-liveness]")).to_have_text("Live")
    await expect(client.locator("[data-liveness]")).to_have_text("Live")
    await reply(agent, "We come at two.")
    await expect(client.locator(".message.ours")).to_contain_text("We come at two.", timeout=SEEN_WITHIN)
    await client.locator("#f-body").fill("Half a sen")
    await agent.locator("#set-status").select_option("resolved")
    await agent.locator("form[action$='/status'] button").click()
    await expect(client.locator(".titled .state")).to_have_text("Done", timeout=SEEN_WITHIN)
    await expect(client.locator("#f-body")).to_have_value("Half a sen")
    await reply(client, "It is cold still.")
    await expect(agent.locator(".waits")).to_contain_text("Waits for us.", timeout=SEEN_WITHIN)


async def test_the_same_in_french(sit: Sit) -> None:
    said = saying("fr")
    client, agent = [await sit(f"{who}@acme.example", width=390, locale="fr") for who in ("client", "agent")]
    await client.get_by_role("link", name=said("Ask us something")).click()
    await client.get_by_label(said("What it is about")).fill("Le four reste froid")
    await client.get_by_label(said("What you want to tell us")).fill("Depuis ce matin.")
    await client.get_by_role("button", name=said("Send it to us")).click()
    await expect(client.locator(".titled .by")).to_contain_text(said("You hear from us by"))
    await agent.goto(client.url)
    await expect(agent.locator(".waits")).to_contain_text(said("Waits for us."))
    await reply(agent, "Nous venons à deux heures.")
    await expect(client.locator(".message.ours")).to_contain_text("deux heures", timeout=SEEN_WITHIN)
    await expect(client.locator("html")).to_have_attribute("lang", "fr")


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
    await agent.keyboard.press("Control+k")
    await agent.keyboard.type("assign to me")
    await agent.keyboard.press("Enter")
    await expect(agent.locator("#set-assignee_id option:checked")).to_have_text("Agent of Acme")
