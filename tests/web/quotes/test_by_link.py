"""A quote by the link that was mailed, in a browser of somebody who has no account."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest

from ops.embedded.secrets import load_or_create
from stores.quotes.links import quote_token
from stores.signed_tokens import SignedTokens
from tests.e2e.desk import read
from tests.e2e.quotes import do, kinds, link_of, sent_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.web.browser import Browser, forms


@pytest.fixture
async def nobody(stack: RunningStack) -> AsyncIterator[Browser]:
    browser = Browser(stack.address)
    yield browser
    await browser.close()


async def test_it_is_read_and_accepted_once(people: People, nobody: Browser) -> None:
    agent, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await sent_quote(agent, customer, notes="<b>Canary</b>")
    here = f"/q/{await link_of(people, quote)}"
    # A scanner of mails opens the link, and all that it leads to.
    for path in (here, f"{here}/pdf", here):
        assert (await nobody.get(path)).status_code == 200
    page = await nobody.get(here)
    assert quote["number"] in page.text
    assert "&lt;b&gt;Canary&lt;/b&gt;" in page.text
    assert await kinds(agent, quote) == ["opened", "approved_within_limits", "sent"]

    without_name = await nobody.send(page, f"{here}/accept", name="")
    assert without_name.status_code == 422
    assert 'id="p-name"' in without_name.text
    twice = await asyncio.gather(*(nobody.send(page, f"{here}/accept", name="Samia Haddad") for _ in range(2)))
    assert [answer.status_code for answer in twice] == [303, 303]
    assert (await kinds(agent, quote)).count("accepted") == 1
    done = await nobody.get(here)
    assert "Samia Haddad" in done.text
    assert not [form for form in forms(done) if form.action.startswith(here)]
    again = await nobody.post(f"{here}/accept", {"name": "Another"})
    assert again.status_code == 403, "no form of ours stands there any more"


async def test_it_is_declined_with_a_reason_and_says_what_it_is(people: People, nobody: Browser) -> None:
    agent, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await sent_quote(agent, customer)
    here = f"/q/{await link_of(people, quote)}"
    page = await nobody.get(here)
    assert (await nobody.send(page, f"{here}/decline", reason="Canary: too dear")).headers["location"] == here
    over = await nobody.get(here)
    assert (over.status_code, "declined" in over.text, forms(over)) == (410, True, [])
    # The page was still open in another tab: its form says what has become of the quote.
    late = await nobody.send(page, f"{here}/accept", name="Samia Haddad")
    assert late.status_code == 410
    assert "declined" in late.text


async def test_a_version_that_was_replaced_says_so(people: People, nobody: Browser) -> None:
    agent, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await sent_quote(agent, customer)
    here = f"/q/{await link_of(people, quote)}"
    await do(agent, quote, "new-version")
    assert "newer version" in (await nobody.get(here)).text


async def test_a_link_of_the_past_says_what_became_of_its_quote(
    stack: RunningStack, people: People, nobody: Browser
) -> None:
    agent, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await sent_quote(agent, customer)
    tenant_id = UUID((await read(agent, "me"))["tenant"]["id"])
    now = datetime.now(UTC)
    signed = SignedTokens(load_or_create(stack.home).jwt_private_key)
    late = {"sent_at": now - timedelta(days=9), "valid_until": now - timedelta(seconds=1)}
    here = f"/q/{quote_token(signed, tenant_id, UUID(quote['id']), **late)}"
    expired = await nobody.get(here)
    assert (expired.status_code, "has expired" in expired.text) == (410, True)
    await do(customer, quote, "accept", name="Samia Haddad")
    accepted = await nobody.get(here)
    assert (accepted.status_code, "was accepted" in accepted.text, quote["number"] in accepted.text) == (
        410,
        True,
        False,
    )
    by_api = await people.nobody.post(f"public/quotes/{here.removeprefix('/q/')}/accept", json={"name": "Another"})
    assert (by_api.status_code, by_api.json()["code"]) == (409, "quote_accepted")


@pytest.mark.parametrize("path", ["/q/x", "/q/a.b.c", "/q/eyJhbGciOiJub25lIn0.e30.", "/q/%3Fa", "/q/x/pdf"])
async def test_what_is_no_link_leads_nowhere(nobody: Browser, path: str) -> None:
    page: httpx2.Response = await nobody.get(path)
    assert page.status_code == 404
