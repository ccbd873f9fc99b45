"""Three people who have half written something: a reply, a decision and a quote, each with the words of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from playwright.async_api import Error as NotNow
from playwright.async_api import Page, expect

from tests.browser.conftest import Sit
from tests.e2e.desk import open_ticket, read
from tests.e2e.kyc_desk import submitted
from tests.e2e.quotes import write_quote
from tests.stack.people import People
from tests.stack.waiting import eventually

T = TypeVar("T")


@dataclass
class Writing:
    """`stands_in` is the field of the words, `button` what sends them; `done` says how often they were taken."""

    email: str
    address: str
    stands_in: str
    button: str
    words: str
    done: Callable[[], Awaitable[int]]
    page: Page = field(init=False)

    async def send(self, presses: int = 1) -> None:
        """Presses, and waits for nothing."""
        await self.page.locator(self.button).click(no_wait_after=True, click_count=presses)

    async def is_there(self) -> None:
        """The words stand in the form, and nothing has been done."""
        await expect(self.page.locator(self.stands_in)).to_have_value(self.words)
        assert await self.done() == 0

    async def is_cut_off(self) -> None:
        """No answer has come, and the browser says so."""
        await eventually(lambda: self.page.url.startswith("chrome-error:"), "the browser says that no answer came")

    async def go_back(self) -> None:
        """Goes back to the form. A form that is posted to its page's own address has left no other place in history."""
        await self.page.go_back()
        if not self.page.url.endswith(self.address):
            await self.page.goto(self.address)

    async def is_sent(self) -> None:
        """It was done once, and no form has the words any more."""

        async def is_so() -> bool:
            # It may be on its way from one page to the next.
            with suppress(NotNow):
                fields = await self.page.locator(self.stands_in).evaluate_all("all => all.map((each) => each.value)")
                return self.words not in fields and await self.done() == 1
            return False

        await eventually(is_so, f"{self.address} is sent once", every=0.1)
        await expect(self.page.locator(".notice.refused")).to_have_count(0)

    async def begin(self) -> None:
        """Writes, and does not send."""
        await self.page.goto(self.address)
        if "/inbox/" in self.address:
            await self.page.locator("input[name=decision][value=request_changes]").check()
        await self.page.locator(self.stands_in).fill(self.words)


async def half_written(sit: Sit, people: People, *, by: str = "", anew: bool = False) -> list[Writing]:
    """The three of them, each at a browser, where it is wanted `by` one of the staff."""

    async def begun(writing: Writing) -> Writing:
        writing.email = by or writing.email
        writing.page = await sit(writing.email, anew=anew)
        await writing.begin()
        return writing

    return await at_once(begun, await asyncio.gather(a_reply(people), a_decision(people), a_quote(people)))


async def at_once(do: Callable[[Writing], Awaitable[T]], writings: Iterable[Writing]) -> list[T]:
    """What each of them does, beside the others: each sits at a browser of their own."""
    return list(await asyncio.gather(*(do(each) for each in writings)))


def _words() -> str:
    return f"Words {uuid4().hex}"


async def a_reply(people: People) -> Writing:
    client, words = await people.log_in("client@acme.example"), _words()
    ticket = await open_ticket(client)

    async def done() -> int:
        said = (await read(client, f"tickets/{ticket['id']}/messages"))["items"]
        return [message["body"] for message in said].count(words)

    send = "form[action$='/messages'] button[type=submit]"
    return Writing("client@acme.example", f"/tickets/{ticket['id']}", "#f-body", send, words, done)


async def a_decision(people: People) -> Writing:
    reviewer, words = await people.log_in("reviewer@acme.example"), _words()
    task = await submitted(await people.log_in("admin@acme.example"))

    async def done() -> int:
        events = (await read(reviewer, f"customers/{task['case']['id']}/kyc/timeline"))["items"]
        return [event["reason"] for event in events].count(words)

    send = "form[action$='/decision'] button[type=submit]"
    return Writing("reviewer@acme.example", f"/inbox/{task['id']}", "#f-reason", send, words, done)


async def a_quote(people: People) -> Writing:
    agent, words = await people.log_in("agent@acme.example"), _words()
    quote = await write_quote(agent, await people.log_in("client@acme.example"))

    async def done() -> int:
        kinds = [event["kind"] for event in (await read(agent, f"quotes/{quote['id']}/timeline"))["items"]]
        kept = (await read(agent, f"quotes/{quote['id']}"))["notes"] == words
        assert kept == ("edited" in kinds)
        return kinds.count("edited")

    send = "main form button.primary"
    return Writing("agent@acme.example", f"/quotes/{quote['id']}/edit", "#f-notes", send, words, done)
