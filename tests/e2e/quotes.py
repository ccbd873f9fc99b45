"""Steps of the tests about quotes."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx2

from tests.e2e.desk import Json, read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

LINES: list[Json] = [{"name": "A chair", "quantity": "2.5", "unit_price": 10_000}]
LINK = re.compile(r"/q/(\S+)")


async def write_quote(author: httpx2.AsyncClient, customer: httpx2.AsyncClient, **given: Any) -> Json:
    """A new draft, as the API answers it."""
    me = await read(customer, "me")
    answer = await author.post("quotes", json={"customer_id": me["customer"]["id"], "lines": LINES, **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def do(person: httpx2.AsyncClient, quote: Json, deed: str, **body: Any) -> Json:
    """A command on a quote that must be taken."""
    answer = await person.post(f"quotes/{quote['id']}/{deed}", json=body or None)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def sent_quote(author: httpx2.AsyncClient, customer: httpx2.AsyncClient, **given: Any) -> Json:
    """A quote that its customer can answer."""
    quote = await write_quote(author, customer, **given)
    await do(author, quote, "submit")
    return await do(author, quote, "send")


async def kinds(person: httpx2.AsyncClient, quote: Json) -> list[str]:
    """What happened to a quote."""
    return [event["kind"] for event in (await read(person, f"quotes/{quote['id']}/timeline"))["items"]]


async def link_of(people: People, quote: Json) -> str:
    """The token of the link that was mailed to globex's customer: another tenant's quotes have the same numbers."""

    async def found() -> str | None:
        about = {"recipient": "client@globex.example", "subject": quote["number"]}
        caught = await read(people.nobody, "demo/mailbox", limit=10_000, **about)
        return next((match.group(1) for mail in caught if (match := LINK.search(mail["text"]))), None)

    return await eventually(found, "the mail with the link", every=0.2)


async def move_to(stack: RunningStack, quote: Json, moment: str, plus: timedelta) -> None:
    """Moves the quote's clock, from now, to so long after an ISO 8601 moment."""
    target = datetime.fromisoformat(moment) + plus
    await stack.pass_time(f"quote/{quote['id']}", target - datetime.now(target.tzinfo))
