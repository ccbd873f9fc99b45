"""The stream of what happens: it tells whoever may know, from where a page was read on, and ends with the session."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2

from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.stack.waiting import eventually
from tests.web.conftest import Arrive
from tests.web.visitor import PASSWORD, Visitor


class Stream:
    """What has been heard so far, and whether it has ended."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.open = False
        self.ended = False

    def of(self, case_id: str) -> list[dict[str, Any]]:
        return [each for each in self.heard if each.get("id") == case_id]


@asynccontextmanager
async def following(visitor: Visitor, since: str = "") -> AsyncIterator[Stream]:
    """The visitor's page listens during the block."""
    stream = Stream()

    async def listen() -> None:
        async with visitor.client.stream("GET", "/live", params={"since": since}, timeout=60) as answer:
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                stream.open = True
                if line.startswith("data: "):  # a beat has none
                    stream.heard.append(json.loads(line.removeprefix("data: ")))
        stream.ended = True

    task = asyncio.create_task(listen())
    await eventually(lambda: stream.open, "the stream is open")
    yield stream
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def opened(client: httpx2.AsyncClient) -> str:
    answer = await client.post("tickets", json={"subject": "Live", "body": "Live"})
    return str(answer.json()["id"])


async def test_it_tells_those_who_may_know(arrive: Arrive, people: People) -> None:
    client = await people.log_in("client@acme.example")
    visitors = [await arrive(f"{who}.example") for who in ("client@acme", "agent@acme", "client2@acme", "agent@globex")]
    async with (
        following(visitors[0]) as mine,
        following(visitors[1]) as agents,
        following(visitors[2]) as others,
        following(visitors[3]) as elsewhere,
    ):
        ticket = await opened(client)
        await eventually(lambda: mine.of(ticket) and agents.of(ticket), "it is told")
        note = {"body": "Between us", "internal": True}
        agent = await people.log_in("agent@acme.example")
        assert (await agent.post(f"tickets/{ticket}/messages", json=note)).status_code == 201
        await eventually(lambda: agents.of(ticket)[1:], "the note is told")
        reply = {"body": "To you"}
        assert (await agent.post(f"tickets/{ticket}/messages", json=reply)).status_code == 201
        await eventually(lambda: mine.of(ticket)[1:], "the reply is told")
    assert [each["version"] for each in mine.of(ticket)] == [1, 3]
    assert not others.of(ticket)
    assert not elsewhere.of(ticket)
    assert set(mine.of(ticket)[0]) == {"kind", "id", "version"}


async def test_it_goes_on_from_where_the_page_was_read(arrive: Arrive, people: People) -> None:
    visitor = await arrive("client@acme.example")
    page = await visitor.open("/tickets")
    found = re.search(r"since=([0-9a-f]+-\d+)", str(page.tree.body.get("hx-sse:connect")))
    assert found
    ticket = await opened(await people.log_in("client@acme.example"))
    async with following(visitor, found[1]) as stream:
        await eventually(lambda: stream.of(ticket), "what happened in between is told")
    async with following(visitor, "00000000-1") as stream:
        await eventually(lambda: {} in stream.heard, "who comes from elsewhere is told to look again")


async def test_it_ends_with_the_session(arrive: Arrive) -> None:
    visitor, other = await arrive("client@acme.example", anew=True), await arrive()
    other.client.cookies = visitor.client.cookies
    async with following(visitor) as stream:
        page = await other.open("/tickets")
        assert page.status == 200
        token = visitor.client.cookies["casewright-access"]
        ended = await other.client.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {token}"})
        assert ended.status_code == 204
        await eventually(lambda: stream.ended, "the stream has ended", within=15)
        assert stream.heard[-1] == {}, "its page is told to look again"


async def test_it_ends_where_a_right_is_withdrawn(arrive: Arrive, people: People) -> None:
    admin = await people.log_in("admin@acme.example")
    mark = uuid4().hex[:8]
    rights = ["tickets:read", "tickets:read_all", "catalogue:read"]
    role = (await admin.post("roles", json={"key": f"r-{mark}", "name": mark, "permissions": rights})).json()
    email = f"reader-{mark}@people.example"
    invited = {"email": email, "full_name": "Reader", "roles": [role["key"]]}
    assert (await admin.post("users", json=invited)).status_code == 201
    accepted = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=accepted)).is_success
    reader, other = await arrive(), await arrive("agent@acme.example")
    await reader.log_in(email)
    async with following(reader) as stream, following(other) as others:
        client = await people.log_in("client@acme.example")
        seen = await opened(client)
        await eventually(lambda: stream.of(seen), "it is told while it may be")
        fewer = {"name": mark, "permissions": rights[:1]}
        assert (await admin.put(f"roles/{role['id']}", json=fewer)).status_code == 200
        await eventually(lambda: stream.ended, "the stream has ended", within=15)
        assert stream.heard[-1] == {}
        assert not others.ended
    async with following(reader) as again, following(other) as others:
        unseen = await opened(client)
        # What is told at all is told to all who may hear it at once.
        await eventually(lambda: others.of(unseen), "it is told to others")
        assert not again.of(unseen)
