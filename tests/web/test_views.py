"""Views that ask for what there is not any more, in browsers that run no scripts."""

from uuid import uuid4

import psycopg
import pytest

from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.web.conftest import Arrive
from tests.web.visitor import saying
from web.http.languages import LANGUAGES
from web.tickets.viewing import FILTERS

LEFT_OUT = "Part of this is left out, because there is no such thing:"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_view_opens_with_what_can_be_of_it_and_is_kept_no_longer(
    arrive: Arrive, people: People, stack: RunningStack, language: str
) -> None:
    agent, said = await arrive("agent@acme.example", language), saying(language)
    name = f"Kept before {uuid4().hex[:6]}"
    view = {"page": "tickets", "name": name, "query": "priority=urgent"}
    kept = await (await people.log_in("agent@acme.example")).post("me/views", json=view)
    query = "priority=urgent&status=gone&status=on_hold&mine=gone"
    async with await psycopg.AsyncConnection.connect(stack.superuser_url) as database:
        await database.execute("UPDATE kept_view SET query = %s WHERE id = %s", (query, kept.json()["id"]))

    listed = await agent.open("/tickets")
    page = await agent.open(listed.tree.xpath(f"string(//a[bdi='{name}']/@href)"))
    assert (page.status, page.one("h1")) == (200, name)
    assert page.one(".notice") == f"{said(LEFT_OUT)} {said('State')} gone, {said('Mine')} gone"
    assert page.tree.xpath("//nav//a[@aria-current='true']/bdi")[0].text == name
    form = next(form for form in page.tree.forms if form.get("action") == "/tickets")
    assert {key: value for key, value in form.form_values() if value} == {"priority": "urgent", "status": "on_hold"}
    counted = await agent.open(page.tree.cssselect("#views")[0].get("hx-get"))
    assert said("names what is gone") in counted.tree.xpath(f"string(//a[bdi='{name}'])")

    gone = await agent.send(page, "/forget")
    assert (gone.status, name in gone.text) == (200, False)


async def test_the_same_list_is_kept_anew_without_it(arrive: Arrive) -> None:
    agent = await arrive("agent@acme.example")
    name = f"Kept anew {uuid4().hex[:6]}"
    page = await agent.open("/tickets?priority=gone&status=open&breached=true")
    assert page.one("h1") == "Narrowed"
    kept = await agent.send(page, "/tickets/views", name=name)
    assert (kept.status, kept.one("h1"), kept.tree.cssselect(".notice")) == (200, name, [])
    await agent.send(kept, "/forget")

    refused = await agent.send(page, "/tickets/views", name=name, query="priority=gone&status=open")
    assert (refused.status, refused.value("/tickets/views", "query")) == (422, "status=open")
    assert LEFT_OUT in refused.text


async def test_each_filter_is_named_where_it_is_left_out(arrive: Arrive) -> None:
    agent = await arrive("agent@acme.example")
    page = await agent.open("/tickets?q=a%00b&" + "&".join(f"{name}=gone" for name in FILTERS if name != "q"))
    assert (page.status, page.one("h1")) == (200, "Not closed")
    said = page.one(".notice")
    assert "Number or subject ab" in said
    assert all(f"{words} gone" in said for name, words in FILTERS.items() if name != "q")


async def test_a_customer_is_told_too(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await client.open("/tickets?status=gone")
    assert (page.status, page.one(".notice")) == (200, f"{LEFT_OUT} State gone")
