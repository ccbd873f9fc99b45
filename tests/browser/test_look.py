"""Every page as it looks: nothing that axe finds, light and dark, narrow and wide, no scrolling sideways, nothing that
juts out of what it stands in, and nothing that moves while it is drawn."""

import asyncio
import tarfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page

from bench.npm import Package, had
from tests.browser.conftest import Sit
from tests.e2e.desk import Json, read
from tests.e2e.quotes import do, write_quote
from tests.stack.people import People

AXE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "": ("/login", "/register", "/reset", "/nowhere"),
    "client@acme.example": (
        "/",
        "/tickets",
        "/tickets/new",
        "/kyc",
        "/kyc/identity",
        "/quotes",
        "/account",
        "{ticket}",
    ),
    "agent@acme.example": (
        "/tickets",
        "/tickets/new",
        "{ticket}",
        "/inbox",
        "/quotes",
        "{quote}",
        "/customers",
        "{customer}",
        "/products",
    ),
    "manager@acme.example": ("{approval}", "/waiting"),
    "admin@acme.example": (
        "/settings",
        "/settings/people",
        "/settings/roles",
        "/settings/calendars/new",
        "/settings/service-levels",
        "/audit",
    ),
}


MOST_SHIFTED = 0.05
"""How much of a page may move while it is drawn (cumulative layout shift)."""

_SHIFTED = """() => new Promise(done => {
    let moved = 0;
    const add = list => list.getEntries().forEach(each => { moved += each.hadRecentInput ? 0 : each.value; });
    new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => done(moved), 0));
})"""

_JUTS_OUT = """() => [...document.querySelectorAll("body *")].filter(it => {
    const {overflowX, display} = getComputedStyle(it), isSeen = it.checkVisibility({visibilityProperty: true});
    if (!(it instanceof HTMLElement && isSeen) || overflowX !== "visible" || display === "inline") return false;
    if (!it.clientWidth || it.scrollWidth <= it.clientWidth + 2) return false;
    // What reaches to the window's edge on purpose has a margin below nothing.
    const reaches = [...it.querySelectorAll("*")].map(each => -parseFloat(getComputedStyle(each).marginInlineEnd) || 0);
    return it.scrollWidth > it.clientWidth + 2 + Math.max(0, ...reaches);
}).map(it => `${it.scrollWidth} px in ${it.clientWidth}: ${it.outerHTML.slice(0, 150)}`)"""


def axe() -> str:
    def unpack(package: tarfile.TarFile, place: Path) -> None:
        member = package.extractfile("package/axe.min.js")
        assert member
        (place / "axe.min.js").write_bytes(member.read())

    return (had(AXE, unpack) / "axe.min.js").read_text()


async def found(page: Page, script: str) -> list[str]:
    """What axe finds, a line each."""
    # In a world of its own: the page's policy forbids scripts that are not its own.
    said: Any = await page.evaluate(
        script
        + "; axe.run(document, {runOnly: {type: 'tag', values: "
        + str(RULES)
        + "}, resultTypes: ['violations']})"
    )
    return [f"{each['id']}: {node['html'][:200]}" for each in said["violations"] for node in each["nodes"]]


@pytest.fixture(scope="module")
async def places(people: People) -> dict[str, str]:
    """The pages of a ticket, a quote, its approval and a customer, beside a role and somebody invited: what they are
    called is one long word."""
    word = f"Donaudampfschifffahrts{uuid4().hex}"
    admin, client = await people.log_in("admin@acme.example"), await people.log_in("client@acme.example")
    role = {"key": f"r{uuid4().hex[:20]}", "name": word, "permissions": ["tickets:read"]}
    invited = {"email": f"{word}@people.example", "full_name": word, "roles": ["agent", role["key"]]}
    await made(admin, "roles", role)
    await made(admin, "users", invited)
    customer = await made(admin, "customers", {"type": "individual", "name": word})
    ticket = await made(client, "tickets", {"subject": word, "body": word})
    await made(client, f"tickets/{ticket['id']}/messages", {"body": word})
    agent = await people.log_in("agent@acme.example")
    lines = [{"name": word, "description": word, "quantity": "2.5", "unit_price": 123_456_789, "discount_bp": 400}]
    quote = await write_quote(agent, client, lines=lines, discount_bp=2_500)
    await do(agent, quote, "submit")
    [task] = (await read(admin, "reviews", case_id=quote["id"]))["items"]
    return {
        "ticket": f"/tickets/{ticket['id']}",
        "quote": f"/quotes/{quote['id']}",
        "approval": f"/inbox/{task['id']}",
        "customer": f"/customers/{customer['id']}",
    }


async def made(person: AsyncClient, path: str, body: Json) -> Json:
    answer = await person.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("email", PAGES)
async def test_nothing_is_found(sit: Sit, places: dict[str, str], email: str) -> None:
    script, faults = axe(), list[str]()

    async def look(scheme: str, width: int, *narrower: int) -> None:
        page = await sit(email, width=width, color_scheme=scheme, bypass_csp=True)
        for address in PAGES[email]:
            await page.goto(address.format(**places))
            if (moved := await page.evaluate(_SHIFTED)) > MOST_SHIFTED:
                faults.append(f"{address} {scheme} {width}: {moved:.2f} of it has moved")
            faults.extend(f"{address} {scheme} {width}: {fault}" for fault in await found(page, script))
            for at in (*narrower, width):
                await page.set_viewport_size({"width": at, "height": 900})
                faults.extend(f"{address} {scheme} at {at}: {each}" for each in await page.evaluate(_JUTS_OUT))
                if (wide := await page.evaluate("document.documentElement.scrollWidth")) > at:
                    faults.append(f"{address} {scheme}: {wide} px wide at {at}")

    await asyncio.gather(look("light", 1280, 1100, 640), look("dark", 390, 320))
    assert not faults, "\n".join(faults)
