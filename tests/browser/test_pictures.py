"""The pictures of the README: each is taken of the page that it shows. `make pictures` puts them in their place."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Sit
from tests.stack.people import People
from tests.stack.waiting import eventually

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "docs" / "pictures"

ASKED = (
    ("The app signs me out every hour", "low"),
    ("A receipt for October", "low"),
    ("Our new office is not on the map", "medium"),
    ("Two payments for one order", "high"),
    ("Nobody can log in since this morning", "urgent"),
)
WORDS = "It is INV-2026-00042: our address changed in March. The parcel went to the old one, too."
ANSWER = "Thank you for telling us. The address is corrected, and a new copy of the invoice is on its way."


async def test_the_readme_shows_what_there_is(
    sit: Sit, people: People, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = PLACE if request.config.getoption("pictures") else tmp_path
    place.mkdir(exist_ok=True)
    customer = await people.log_in("client@acme.example")
    for subject, priority in ASKED:
        body = {"subject": subject, "body": "Can you help?", "priority": priority}
        assert (await customer.post("tickets", json=body)).status_code == 201

    portal = await sit("client@acme.example")
    await portal.goto("/tickets/new")
    await portal.locator("[name=subject]").fill("The invoice shows our old address")
    await portal.locator("[name=body]").fill(WORDS)
    await portal.locator("main form.decide button[type=submit], main form button[type=submit]").last.click()
    await portal.wait_for_url(re.compile(r"/tickets/[0-9a-f-]{36}"))
    ticket = portal.url

    desk = await sit("agent@acme.example")
    await desk.goto("/tickets")
    await taken(desk, place / "desk.png")
    await desk.goto(ticket)
    await taken(desk, place / "ticket.png")
    await desk.locator("[name=body]").first.fill(ANSWER)
    await desk.locator("form:has([name=body]) button[type=submit]").first.click()

    async def answered() -> bool:
        return ANSWER in await portal.locator("main").inner_text()

    await eventually(answered, "the customer's open page shows the answer")
    await taken(portal, place / "portal.png")

    shown = re.findall(r"!\[[^\]]+\]\(docs/pictures/([\w.-]+)\)", (ROOT / "README.md").read_text())
    assert sorted(shown) == sorted(picture.name for picture in place.iterdir())
    assert sorted(shown) == sorted(picture.name for picture in PLACE.iterdir())


async def taken(page: Page, path: Path) -> None:
    """Takes a picture of what is seen without scrolling."""
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.screenshot(path=path, scale="css")
