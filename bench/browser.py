"""Opens pages in a browser that has nothing of them, and reads from it what it took."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from playwright.async_api import Browser as Chromium

from bench.chromium import find_browser, launched
from bench.first_views import FirstView
from bench.pages import long_ticket
from bench.product import connections, log_in

WIDTHS = (1280, 390)
"""Of a desk and of a phone, in CSS pixels."""

_HEIGHT = 900
_KEY, _ITS_ANSWER = "?", "#keys"
# The least that Event Timing tells of: what was answered sooner has no entry.
_SHORTEST_MS = 16

_SEEN = """() => new Promise(done => {
    const seen = {lcp: 0, shift: 0};
    new PerformanceObserver(list => list.getEntries().forEach(each => { seen.shift += each.value; }))
        .observe({type: "layout-shift", buffered: true});
    new PerformanceObserver(list => {
        seen.lcp = list.getEntries().at(-1).startTime;
        // What comes later and is larger is the largest: the letters of a font, say.
        document.fonts.ready.then(() => setTimeout(() => done(seen), 150));
    }).observe({type: "largest-contentful-paint", buffered: true});
})"""
_ANSWERED = """() => new Promise(done => {
    let longest = 0;
    new PerformanceObserver(list => list.getEntries().forEach(each => {
        if (each.name === "keydown") longest = Math.max(longest, each.duration);
    })).observe({type: "event", buffered: true, durationThreshold: 16});
    setTimeout(() => done(longest), 100);
})"""


@dataclass(frozen=True)
class _Page:
    name: str
    path: str
    token: str | None
    has_keys: bool


async def measure_first_views(
    host: str, port: int, tenant: str, password: str, rounds: int, widths: Sequence[int] = WIDTHS
) -> list[FirstView]:
    """Each page so often, each time in a browser that has nothing of it. Raises OSError and UnexpectedAnswer, as
    `product_load` does, and NoBrowser."""
    found = await asyncio.to_thread(find_browser)
    async with connections(host, port, 1) as opened:
        agent, client = [await log_in(opened[0], f"{who}@{tenant}.example", password) for who in ("agent", "client")]
        ticket = f"/tickets/{await long_ticket(opened[0], client, agent)}"
    pages = [
        _Page("login", "/login", None, has_keys=False),
        _Page("list of tickets", "/tickets", agent, has_keys=True),
        _Page("ticket with 30 messages", ticket, agent, has_keys=True),
        _Page("inbox", "/inbox", agent, has_keys=True),
        _Page("customer's home", "/", client, has_keys=False),
        _Page("customer's ticket", ticket, client, has_keys=False),
    ]
    async with launched(found) as chromium:
        return [await _view(chromium, f"http://{host}:{port}", page, at, rounds) for page in pages for at in widths]


async def _view(chromium: Chromium, address: str, page: _Page, width: int, rounds: int) -> FirstView:
    looks = [await _look(chromium, address, page, width) for _ in range(rounds)]
    return FirstView(
        page.name,
        width,
        lcp_ms=round(median(lcp for lcp, _, _ in looks), 1),
        lcp_worst_ms=round(max(lcp for lcp, _, _ in looks), 1),
        shift=round(max(shift for _, shift, _ in looks), 3),
        key_ms=max(key for _, _, key in looks) if page.has_keys else None,
    )


async def _look(chromium: Chromium, address: str, page: _Page, width: int) -> tuple[float, float, float]:
    context = await chromium.new_context(base_url=address, viewport={"width": width, "height": _HEIGHT})
    try:
        if page.token:
            await context.add_cookies([{"name": "casewright-access", "value": page.token, "url": address}])
        shown = await context.new_page()
        await shown.goto(page.path)
        seen = await shown.evaluate(_SEEN)
        answered = 0
        if page.has_keys:
            await shown.keyboard.press(_KEY)
            answered = await shown.evaluate(_ANSWERED)
            await shown.locator(_ITS_ANSWER).wait_for()
        return float(seen["lcp"]), float(seen["shift"]), max(float(answered), _SHORTEST_MS)
    finally:
        await context.close()
