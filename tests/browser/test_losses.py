"""Nothing is lost and nothing done twice while sessions end, pages are left, and the stream goes away."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx2
import psutil
from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import Sit, log_in
from tests.browser.writing import Writing, a_reply, half_written
from tests.e2e.desk import settled, token_mailed_to
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.visitor import FROM_OUR_PAGES, PASSWORD

SETTLED_WITHIN = 30_000


async def killed(stack: RunningStack, part: str) -> None:
    """The part ends at once; its supervisor starts it again."""
    process = psutil.Process(stack.part(part))
    process.kill()
    await asyncio.to_thread(psutil.wait_procs, [process], timeout=10)


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


async def ticket_of(people: People) -> str:
    client = await people.log_in("client@acme.example")
    answer = await client.post("tickets", json={"subject": "Losses", "body": "Losses"})
    return f"/tickets/{answer.json()['id']}"


async def said(page: Page, words: str) -> int:
    return await page.locator(".message", has_text=words).count()


async def log_in_again(writing: Writing, password: str = PASSWORD) -> None:
    """Logs in where the session's end has led to, in place of what was sent."""
    await expect(writing.page.get_by_text("Nothing was sent.")).to_be_visible()
    await writing.page.get_by_label("E-mail address").fill(writing.email)
    await writing.page.locator("input[type=password]").fill(password)
    await writing.page.locator("form.decide button[type=submit]").click()


async def end_session(writing: Writing, people: People) -> None:
    """Ends it at the server, as another device of the person does."""
    cookies = {each["name"]: each["value"] for each in await writing.page.context.cookies()}
    bearer = {"Authorization": f"Bearer {cookies['casewright-access']}"}
    assert (await people.nobody.post("auth/logout", headers=bearer)).status_code == 204


async def test_a_tab_is_closed_a_line_cut_and_a_session_ended(sit: Sit, people: People) -> None:
    for each in await half_written(sit, people, afresh=True):
        context = each.page.context
        await each.page.close()
        each.page = await context.new_page()
        await each.page.goto(each.address)
        await each.is_there()
        await context.set_offline(True)
        await each.send()
        await each.is_cut_off()
        await context.set_offline(False)
        await each.go_back()
        await each.is_there()
        await end_session(each, people)
        await each.send()
        await log_in_again(each)
        await each.is_there()
        await each.send(presses=20)
        await each.is_sent()


async def test_a_password_is_changed_elsewhere(sit: Sit, people: People) -> None:
    admin, email = await people.log_in("admin@acme.example"), f"second-{uuid4().hex[:8]}@people.example"
    invited = {"email": email, "full_name": "Second Pair of Hands", "roles": ["agent", "reviewer"]}
    assert (await admin.post("users", json=invited)).status_code == 201
    accepted = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=accepted)).is_success
    writings = await half_written(sit, people, by=email, afresh=True)
    elsewhere = await people.log_in(email)
    another = {"current_password": PASSWORD, "password": "Second-Pass-2026"}
    assert (await elsewhere.put("me/password", json=another)).is_success
    for each in writings:
        await each.send()
        await log_in_again(each, "Second-Pass-2026")
        await each.is_there()
        await each.send()
        await each.is_sent()


async def test_the_api_is_killed(sit: Sit, people: People, stack: RunningStack) -> None:
    """After it took the presses of three, and before it takes those of three others."""
    took, did_not = [await half_written(sit, people) for _ in range(2)]
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
    await killed(stack, "api")
    for each in did_not:
        await each.send()
    for route in taken:
        await route.abort("connectionreset")
    for each in did_not:
        await each.is_cut_off()
    await up_again(stack, people)
    for each in took:
        await each.page.unroute_all()
        await each.go_back()
        assert await each.done() == 1
    reply = took[0]
    await expect(reply.page.locator(reply.stands_in)).to_have_value(reply.words)
    await reply.send()
    await reply.is_sent()
    for each in did_not:
        await each.go_back()
        await each.is_there()
        await each.send()
        await each.is_sent()


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
    for each in writings:
        await each.is_sent()
    for page in pages:
        await expect(page.get_by_text("It is done.")).to_be_visible(timeout=SETTLED_WITHIN)
    await opening.get_by_role("link", name="See it").click()
    await expect(opening.locator("h1")).to_have_text(words)


async def test_what_was_sent_while_the_engine_is_away_is_settled_on_the_open_page(
    sit: Sit, people: People, stack: RunningStack
) -> None:
    writings = await half_written(sit, people)
    with away(stack, "temporal"):
        for each in writings:
            await each.send()
        for each in writings:
            await expect(each.page.get_by_text("We have it.")).to_be_visible()
            # Who opens the page anew is told the same, and does not find the words there to be sent again.
            await each.page.goto(each.address.removesuffix("/edit"))
        reply = writings[0]
        await expect(reply.page.get_by_text("We have it.")).to_be_visible()
        await expect(reply.page.locator(reply.stands_in)).to_have_value("")
        assert [await each.done() for each in writings] == [0, 0, 0]
    await expect(reply.page.locator(".message").last).to_contain_text(reply.words, timeout=SETTLED_WITHIN)
    for each in writings:
        await each.is_sent()
        await expect(each.page.locator("#pending")).to_have_count(0, timeout=SETTLED_WITHIN)


async def test_what_is_refused_in_the_end_says_why_and_keeps_the_words(
    sit: Sit, people: People, stack: RunningStack
) -> None:
    reply = await a_reply(people)
    reply.page = await sit(reply.email)
    await reply.begin()
    agent = await people.log_in("agent@acme.example")
    with away(stack, "temporal"):
        closing = await agent.post(f"{reply.address.removeprefix('/')}/close")
        assert closing.status_code == 202
        await reply.send()
        await expect(reply.page.get_by_text("We have it.")).to_be_visible()
    await expect(reply.page.get_by_text("Not done.")).to_be_visible(timeout=SETTLED_WITHIN)
    assert (await settled(agent, closing.headers["Command-Id"]))["status"] == "done"
    # The request is closed: what was written comes along into a new one.
    await expect(reply.page.locator("main")).to_contain_text(reply.words)
    await reply.page.get_by_role("link", name="Ask us something new").click()
    await expect(reply.page.get_by_label("What you want to tell us")).to_have_value(reply.words)
    assert await reply.done() == 0


async def test_other_words_under_a_used_key_are_kept_and_offered(sit: Sit, people: People) -> None:
    # What is decided is decided, and a quote that has changed is looked at first.
    for each, presses in zip(await half_written(sit, people), (1, 0, 2), strict=True):
        elsewhere = await each.page.context.new_page()
        other, button = elsewhere.locator(each.stands_in), elsewhere.locator(each.button)
        await elsewhere.goto(each.address)
        await expect(other).to_have_value(each.words)
        await other.fill("Other words")
        await each.send()
        await each.is_sent()
        await button.click()
        await expect(elsewhere.locator(".notice.refused, .errors")).to_contain_text("sent already")
        assert await each.done() == 1
        for _ in range(presses):
            await expect(other).to_have_value("Other words")
            async with elsewhere.expect_navigation():
                await button.click()
        await expect(elsewhere.get_by_text("Other words", exact=True)).to_have_count(1)


async def test_another_account_sees_nothing_of_it(sit: Sit, people: People) -> None:
    reply = await a_reply(people)
    reply.page = await sit(reply.email, afresh=True)
    await reply.begin()
    await end_session(reply, people)
    await reply.send()
    await expect(reply.page.get_by_text("Nothing was sent.")).to_be_visible()
    assert reply.words not in await reply.page.content()
    await reply.page.get_by_label("E-mail address").fill("client2@acme.example")
    await reply.page.locator("input[type=password]").fill(PASSWORD)
    await reply.page.locator("form.decide button[type=submit]").click()
    await expect(reply.page.locator("body[data-visitor]")).to_be_visible()
    for address in (reply.address, "/tickets/new", "/tickets"):
        await reply.page.goto(address)
        assert reply.words not in await reply.page.content()
    assert reply.words not in str(await reply.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))
    assert await reply.done() == 0


async def test_back_and_sent_again_is_said_once(sit: Sit, people: People) -> None:
    for each in await half_written(sit, people):
        await each.send(presses=2)
        await each.is_sent()
        await each.go_back()
        await each.page.goto(each.address.removesuffix("/edit"))
        assert await each.done() == 1


async def test_another_account_at_the_browser_sees_nothing_of_it(sit: Sit, people: People) -> None:
    client = await sit("client@acme.example", afresh=True)
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


HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def is_stream(request: Request) -> bool:
    return "/live?" in request.url


async def test_a_hidden_tab_holds_no_connection_and_catches_up(sit: Sit, people: People) -> None:
    reply = await a_reply(people)
    page = await sit(reply.email)
    await page.goto(reply.address)
    await expect(page.locator("[data-liveness]")).to_have_text("Live")
    for over in ("requestfinished", "requestfailed"):
        page.on(over, lambda request: ended.set() if is_stream(request) else None)
    ended = asyncio.Event()
    await page.evaluate(HIDDEN, True)
    await asyncio.wait_for(ended.wait(), 10)
    agent = await people.log_in("agent@acme.example")
    for words in ("While nobody looked", "And once more"):
        await agent.post(f"{reply.address.removeprefix('/')}/messages", json={"body": words})
    await expect(page.locator(".message.ours")).to_have_count(0)
    await page.evaluate(HIDDEN, False)
    await expect(page.locator(".message.ours")).to_have_count(2)

    behind = await page.context.new_page()
    asked: list[str] = []
    behind.on("request", lambda request: asked.append(request.url) if is_stream(request) else None)
    await behind.add_init_script('Object.defineProperty(document, "hidden", { configurable: true, value: true })')
    await behind.goto(reply.address, wait_until="load")
    assert not asked
    await behind.evaluate(HIDDEN, False)
    await expect(behind.locator("[data-liveness]")).to_have_text("Live")
    assert len(asked) == 1
