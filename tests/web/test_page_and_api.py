"""What a page's form asks is what the API is asked: the same command with the same arguments, the same events, the same
entries of the audit, and the same refusal. Each row is sent through both, each time to a case of its own."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.e2e import desk
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.page_and_api import customers, quotes, settings, tickets
from tests.web.page_and_api.same import Same, filled
from tests.web.visitor import Page, Visitor
from web.http.refusal_words import PLAINER

Sitting = Callable[[str], Awaitable[Visitor]]
Caused = dict[str, Any]
Written = Callable[[str, datetime], Awaitable[Caused]]

ROWS = (*tickets.ROWS, *quotes.ROWS, *customers.ROWS, *settings.ROWS)

_BY = {
    "command": "SELECT kind, arguments, reason FROM command WHERE actor_id = %s AND created_at >= %s ORDER BY kind",
    "event": "SELECT case_kind, kind, changes, reason FROM event WHERE actor_id = %s AND at >= %s ORDER BY place",
    "audit": "SELECT action, entity_kind, detail FROM audit WHERE actor_id = %s AND created_at >= %s ORDER BY sequence",
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
async def sitting(stack: RunningStack) -> AsyncIterator[Sitting]:
    """Somebody at a browser, where each logs in once; without an address, nobody."""
    visitors: dict[str, Visitor] = {}

    async def at(email: str) -> Visitor:
        if email not in visitors:
            visitors[email] = Visitor(stack.address)
            assert not email or (await visitors[email].log_in(email)).status == 200
        return visitors[email]

    yield at
    for visitor in visitors.values():
        await visitor.close()


@pytest.fixture
async def written(stack: RunningStack) -> AsyncIterator[Written]:
    """What somebody has caused since a moment: commands, events and entries of the audit, all ids alike."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url, row_factory=dict_row) as database:

        async def by(account_id: str, since: datetime) -> Caused:
            found = {}
            for what, query in _BY.items():
                found[what] = _alike(await (await database.execute(query, (account_id, since))).fetchall())
            await database.rollback()
            return found

        yield by


@pytest.fixture(scope="module", autouse=True)
async def newcomer(people: People) -> AsyncIterator[None]:
    """Who speaks for other customers meanwhile speaks for its own again."""
    own = str((await desk.read(await people.log_in(customers.NEWCOMER), "me"))["customer"]["id"])
    yield
    await customers.speaks_for(people, own)


def _alike(value: Any, name: str = "") -> Any:
    """The value with every id, moment and number of a case replaced by a word for it: there are two cases."""
    if isinstance(value, dict):
        return {key: _alike(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_alike(each) for each in value]
    if name in ("number", "version"):
        return f"some {name}"
    if isinstance(value, str) and len(value) >= len("2026-11-29T10:00"):
        with suppress(ValueError):
            return f"some {type(datetime.fromisoformat(value)).__name__}"
        return _ID.sub("some id", value)
    return value


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_page_asks_as_the_api_is_asked(people: People, sitting: Sitting, written: Written, row: Same) -> None:
    person, visitor = await people.log_in(row.email), await sitting(row.email)
    me = (await desk.read(person, "me"))["user"]["id"]

    ids = await row.ids(people)
    page = await visitor.open(row.page.format(**ids))
    began = datetime.now(UTC)
    by_page = await _send(visitor, page, row, ids)
    caused_by_page = await _until(row, partial(written, me, began))

    ids = await row.ids(people)
    began = datetime.now(UTC)
    by_api = await _ask(person, row, ids)

    assert caused_by_page == await _until(row, partial(written, me, began))
    assert row.code or row.unwritten != bool(caused_by_page["command"] or caused_by_page["audit"])
    _agree(row, by_page, by_api)


async def _until(row: Same, caused: Callable[[], Awaitable[Caused]]) -> Caused:
    async def found() -> Caused | None:
        all_of_it = await caused()
        return all_of_it if row.last in ("", *(event["kind"] for event in all_of_it["event"])) else None

    return await eventually(found, f"{row.last} has come", every=0.05)


async def _send(visitor: Visitor, page: Page, row: Same, ids: dict[str, str]) -> Page:
    typed = filled(row.typed, ids)
    if row.look:
        page, typed = await visitor.send(page, row.look.format(**ids), **typed), {}
    return await visitor.send(page, row.action.format(**ids), row.files, **typed)


async def _ask(person: httpx2.AsyncClient, row: Same, ids: dict[str, str]) -> httpx2.Response:
    method, path = row.asked.format(**ids).split(" ")
    body = filled(row.body, ids)
    for file in row.files:
        taken = await person.post("files", files={"file": file})
        body.setdefault("file_ids", []).append(taken.json()["id"])
    headers = {"If-Match": f'"{row.version}"'} if row.version else {}
    return await person.request(method, path, json=body or None, headers=headers)


def _agree(row: Same, by_page: Page, by_api: httpx2.Response) -> None:
    if not row.code:
        assert by_api.is_success, by_api.text
        assert by_page.status == 200, by_page.text
        return
    problem = by_api.json()
    wrong = problem.get("errors") or [problem]
    assert by_page.status == by_api.status_code
    assert row.code in [each["code"] for each in wrong]
    for each in wrong:
        assert PLAINER.get(each["code"], each["detail"].removeprefix("Value error, ")).lower() in by_page.text.lower()
