"""Nothing is lost and nothing done twice while sessions end and pages are left."""

import asyncio
import re
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.browser.conftest import Sit, log_in
from tests.browser.writing import Writing, a_reply, at_once, half_written
from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.web.visitor import PASSWORD


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
    async def loses(each: Writing) -> None:
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

    await at_once(loses, await half_written(sit, people, anew=True))


async def test_a_password_is_changed_elsewhere(sit: Sit, people: People) -> None:
    admin, email = await people.log_in("admin@acme.example"), f"second-{uuid4().hex[:8]}@people.example"
    invited = {"email": email, "full_name": "Second Pair of Hands", "roles": ["agent", "reviewer"]}
    assert (await admin.post("users", json=invited)).status_code == 201
    accepted = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=accepted)).is_success
    writings = await half_written(sit, people, by=email, anew=True)
    elsewhere = await people.log_in(email)
    another = {"current_password": PASSWORD, "password": "Second-Pass-2026"}
    assert (await elsewhere.put("me/password", json=another)).is_success

    async def logs_in(each: Writing) -> None:
        await each.send()
        await log_in_again(each, "Second-Pass-2026")
        await each.is_there()
        await each.send()
        await each.is_sent()

    await at_once(logs_in, writings)


async def test_other_words_under_a_used_key_are_kept_and_offered(sit: Sit, people: People) -> None:
    async def writes_elsewhere(each: Writing, presses: int) -> None:
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

    # What is decided is decided, and a quote that has changed is looked at first.
    await asyncio.gather(*map(writes_elsewhere, await half_written(sit, people), (1, 0, 2)))


async def test_another_account_sees_nothing_of_it(sit: Sit, people: People) -> None:
    reply = await a_reply(people)
    reply.page = await sit(reply.email, anew=True)
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
    async def goes_back(each: Writing) -> None:
        await each.send(presses=2)
        await each.is_sent()
        await each.go_back()
        await each.page.goto(each.address.removesuffix("/edit"))
        assert await each.done() == 1

    await at_once(goes_back, await half_written(sit, people))


async def test_another_account_at_the_browser_sees_nothing_of_it(sit: Sit, people: People) -> None:
    client = await sit("client@acme.example", anew=True)
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
