"""Nothing is lost and nothing done twice while the API is killed, and while worker or engine stand still."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from playwright.async_api import Route, expect

from tests.browser.conftest import Sit
from tests.browser.writing import Writing, a_reply, at_once, half_written
from tests.e2e.desk import settled
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.visitor import FROM_OUR_PAGES

SETTLED_WITHIN = 30_000


async def up_again(stack: RunningStack, people: People) -> None:
    async def is_up() -> bool:
        try:
            return (await people.nobody.get(f"{stack.address}/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    await eventually(is_up, "the API is up again", within=60, every=0.1)


@contextmanager
def away(stack: RunningStack, part: str) -> Iterator[None]:
    """The part stands still during the block."""
    process = stack.part(part)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_the_api_is_killed(sit: Sit, people: People, stack: RunningStack) -> None:
    """After it took the presses of three, and before it takes those of three others."""
    took, did_not = await asyncio.gather(half_written(sit, people), half_written(sit, people))
    taken: list[Route] = []

    async def take(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        headers = {**route.request.headers, **FROM_OUR_PAGES}
        answer = await route.fetch(headers=headers, max_redirects=0)
        assert answer.status == 303, await answer.text()
        return taken.append(route)

    for each in took:
        await each.page.route("**/*", take)
        await each.send()
    await eventually(lambda: len(taken) == len(took), "all have been taken")
    # What stands still starts nothing: the API would be back before anybody has pressed.
    with away(stack, "fork-server"):
        os.kill(stack.part("api"), signal.SIGKILL)
        for each in did_not:
            await each.send()
        for route in taken:
            await route.abort("connectionreset")
        for each in did_not:
            await each.is_cut_off()
    await up_again(stack, people)

    async def finds_it_done(each: Writing) -> None:
        await each.page.unroute_all()
        await each.go_back()
        assert await each.done() == 1

    await at_once(finds_it_done, took)
    reply = took[0]
    await expect(reply.page.locator(reply.stands_in)).to_have_value(reply.words)
    await reply.send()
    await reply.is_sent()

    async def sends_again(each: Writing) -> None:
        await each.go_back()
        await each.is_there()
        await each.send()
        await each.is_sent()

    await at_once(sends_again, did_not)


async def test_what_was_sent_while_the_worker_is_away_is_settled_on_the_open_page(
    sit: Sit, people: People, stack: RunningStack
) -> None:
    writings = await half_written(sit, people)
    words, opening = writings[0].words, await writings[0].page.context.new_page()
    await opening.goto("/tickets/new")
    await opening.get_by_label("What it is about").fill(words)
    await opening.get_by_label("What you want to tell us").fill(words)
    pages = [*(each.page for each in writings), opening]
    with away(stack, "worker"):
        for each in writings:
            await each.send()
        await opening.get_by_role("button", name="Send it to us").click()
        for page in pages:
            await expect(page.get_by_text("We have it.")).to_be_visible()
        # Nobody sees what is not opened yet; its form does not offer the same words again.
        await expect(opening.get_by_label("What it is about")).to_have_value("")
    await at_once(Writing.is_sent, writings)
    for page in pages:
        await expect(page.get_by_text("It is done.")).to_be_visible(timeout=SETTLED_WITHIN)
    await opening.get_by_role("link", name="See it").click()
    await expect(opening.locator("h1")).to_have_text(words)


async def test_what_was_sent_while_the_engine_is_away_is_settled_on_the_open_page(
    sit: Sit, people: People, stack: RunningStack
) -> None:
    """Three are settled; a fourth is refused in the end, and its page says why and keeps the words."""
    writings, late = await asyncio.gather(half_written(sit, people), a_reply(people))
    late.page = await sit(late.email)
    await late.begin()
    agent = await people.log_in("agent@acme.example")
    with away(stack, "temporal"):
        for each in writings:
            await each.send()
        closing = await agent.post(f"{late.address.removeprefix('/')}/close")
        assert closing.status_code == 202
        await late.send()
        for each in writings:
            await expect(each.page.get_by_text("We have it.")).to_be_visible()
            # Who opens the page anew is told the same, and does not find the words there to be sent again.
            await each.page.goto(each.address.removesuffix("/edit"))
        reply = writings[0]
        await expect(reply.page.get_by_text("We have it.")).to_be_visible()
        await expect(reply.page.locator(reply.stands_in)).to_have_value("")
        await expect(late.page.get_by_text("We have it.")).to_be_visible()
        assert [await each.done() for each in writings] == [0, 0, 0]
    await expect(reply.page.locator(".message").last).to_contain_text(reply.words, timeout=SETTLED_WITHIN)
    for each in writings:
        await each.is_sent()
        await expect(each.page.locator("#pending")).to_have_count(0, timeout=SETTLED_WITHIN)

    await expect(late.page.get_by_text("Not done.")).to_be_visible(timeout=SETTLED_WITHIN)
    assert (await settled(agent, closing.headers["Command-Id"]))["status"] == "done"
    # The request is closed: what was written comes along into a new one.
    await expect(late.page.locator("main")).to_contain_text(late.words)
    await late.page.get_by_role("link", name="Ask us something new").click()
    await expect(late.page.get_by_label("What you want to tell us")).to_have_value(re.compile(f"{late.words}$"))
    assert await late.done() == 0
