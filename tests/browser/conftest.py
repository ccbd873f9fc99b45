"""People at real browsers, before the running stack. What fails leaves its picture, page and trace in the home."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from http.cookiejar import Cookie
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from bench.chromium import Browser, NoBrowser, find_browser, launched
from runtime.settings import settings
from tests.browser.hands import FOCUS_IS_WATCHED
from tests.stack.running_stack import RunningStack
from tests.web.logins import login_of, new_login
from tests.web.visitor import PASSWORD

SIT_DOWN_WITHIN = 20_000

Sit = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Chromium]:
    """A browser, however it is had; without one these tests are skipped, but where `CI` is set they fail."""
    try:
        found: Browser = await asyncio.to_thread(find_browser)
    except NoBrowser as none:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(none))
    print(f"\nThe browser is {found.version}.")
    async with launched(found) as chromium:
        yield chromium


@pytest.fixture
async def sit(browser: Chromium, stack: RunningStack, request: pytest.FixtureRequest) -> AsyncIterator[Sit]:
    """Somebody sits down at a browser of their own, logged in, and no page is open yet; without an address, nobody is.
    Who ends the session sits down `anew`, with one that nobody else has."""
    pages: list[Page] = []
    faults: list[str] = []

    async def one_more(email: str = "", *, width: int = 1280, anew: bool = False, **given: Any) -> Page:
        given = {"locale": "en", "viewport": {"width": width, "height": 900}, **given}
        context = await browser.new_context(base_url=stack.address, reduced_motion="reduce", **given)
        context.set_default_timeout(SIT_DOWN_WITHIN)
        await context.add_init_script(path=FOCUS_IS_WATCHED)
        # Of what was done; snapshots of every step took an eighth of these tests' time, and the last is left as a file.
        await context.tracing.start()
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: _note(faults, page, said))
        pages.append(page)
        if email:
            login = await (new_login if anew else login_of)(stack.address, email)
            await context.add_cookies([_as_kept(cookie, stack.address) for cookie in login.cookies.jar])
        return page

    yield one_more
    failed = getattr(request.node, "has_failed", False)
    for number, page in enumerate(pages):
        if failed:
            await _leave_behind(page, request.node.name, number)
        else:
            await page.context.tracing.stop()
        await page.context.close()
    assert failed or not faults, faults


def _as_kept(cookie: Cookie, address: str) -> Any:
    ends = cookie.expires or -1
    return {"name": cookie.name, "value": cookie.value or "", "url": address, "expires": ends, "httpOnly": True}


async def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Logs in by the page."""
    await page.goto("/login")
    await page.get_by_label("E-mail address").or_(page.get_by_label("Adresse e-mail")).fill(email)
    await page.locator("input[type=password]").fill(password)
    await page.locator("form.decide button[type=submit]").click()
    await page.wait_for_url(lambda url: not url.endswith("/login"))


_AWAY = ("Failed to load resource", "Failed to fetch", "sse:error")


def _note(faults: list[str], page: Page, said: Any) -> None:
    # That a server has refused something, or is away, is what many of these tests are about.
    if said.type == "error" and not any(known in said.text for known in _AWAY):
        faults.append(f"{page.url}: {said.text}")


async def _leave_behind(page: Page, test: str, number: int) -> None:
    place = settings().home / "failed-tests" / re.sub(r"\W+", "-", test)
    place.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=place / f"{number}.png", full_page=True)
    (place / f"{number}.html").write_text(await page.content())
    await page.context.tracing.stop(path=place / f"{number}.zip")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Asked by pytest after each phase of a test: remembers that one has failed."""
    report = yield
    if report.when == "call":
        item.has_failed = report.failed  # type: ignore[attr-defined]
    return report
