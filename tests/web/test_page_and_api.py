"""What a page's form asks is what the API is asked: the same command with the same arguments, the same events, the same
entries of the audit, and the same refusal. Each row is sent through both, each time to a case of its own, but for
refusals, which leave it as it was."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from psycopg.rows import dict_row

from ops.embedded.secrets import load_or_create
from stores.signed_tokens import SignedTokens
from tests.e2e import desk
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.page_and_api import customers, links, quotes, settings, tickets
from tests.web.page_and_api.same import Ids, Same, filled
from tests.web.visitor import Page, Visitor
from web.http.refusal_words import PLAINER

Sitting = Callable[[str], Awaitable[Visitor]]
Caused = dict[str, Any]
CausedSince = Callable[[datetime], Awaitable[Caused]]
Written = Callable[[str, datetime], Awaitable[Caused]]

ROWS = (*tickets.ROWS, *quotes.ROWS, *customers.ROWS, *settings.ROWS)

_BY = {
    "command": "SELECT kind, arguments, reason FROM command WHERE {case_id} AND created_at >= %(since)s ORDER BY kind",
    "event": "SELECT case_kind, kind, changes, reason FROM event WHERE {case_id} AND at >= %(since)s ORDER BY place",
    "audit": "SELECT action, entity_kind, detail FROM audit WHERE {entity_id} AND created_at >= %(since)s "
    "ORDER BY sequence",
}
_OF = {name: f"(actor_id = %(whose)s OR actor_id IS NULL AND {name} = %(whose)s)" for name in ("case_id", "entity_id")}
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
    """What somebody has caused since a moment, or nobody at a case: commands, events and entries of the audit, all ids
    alike."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url, row_factory=dict_row) as database:

        async def by(whose: str, since: datetime) -> Caused:
            found = {}
            for what, query in _BY.items():
                rows = await database.execute(query.format(**_OF), {"whose": whose, "since": since})
                found[what] = _alike(await rows.fetchall())
            await database.rollback()
            return found

        yield by


@pytest.fixture(scope="module", autouse=True)
async def as_before(people: People) -> AsyncIterator[None]:
    """Who speaks for other customers meanwhile speaks for its own again, in its language; the house has its bank."""
    newcomer, admin = await people.log_in(customers.NEWCOMER), await people.log_in("admin@globex.example")
    me, house = await desk.read(newcomer, "me"), await desk.read(admin, "settings")
    yield
    await customers.speaks_for(people, me["customer"]["id"])
    assert (await newcomer.patch("me", json={"locale": me["user"]["locale"]})).status_code == 200
    invoices = {"bank_name": house["invoices"]["bank_name"]}
    assert (await admin.patch("settings", json={"invoices": invoices})).status_code == 200


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
    by_page, caused_by_page = await _by_page(visitor, row, ids, partial(written, me))
    ids = ids if row.code else await row.ids(people)
    by_api, caused_by_api = await _by_api(person, row, ids, partial(written, me))
    assert caused_by_page == caused_by_api
    assert row.code or row.unwritten != bool(caused_by_page["command"] or caused_by_page["audit"])
    _agree(row, by_page, by_api)


@pytest.mark.parametrize("row", links.ROWS, ids=str)
async def test_a_link_asks_as_the_api_is_asked(
    stack: RunningStack, people: People, sitting: Sitting, written: Written, row: Same
) -> None:
    tenant = UUID((await desk.read(await people.log_in("agent@globex.example"), "me"))["tenant"]["id"])
    signed, nobody = SignedTokens(load_or_create(stack.home).jwt_private_key), await sitting("")

    async def with_link() -> Ids:
        ids = await row.ids(people)
        return ids | {"link": links.link_of(signed, tenant, ids)}

    ids = await with_link()
    by_page, caused_by_page = await _by_page(nobody, row, ids, partial(written, ids["id"]))
    ids = ids if row.code else await with_link()
    by_api, caused_by_api = await _by_api(people.nobody, row, ids, partial(written, ids["id"]))
    assert caused_by_page == caused_by_api
    assert row.code or caused_by_page["command"]
    _agree(row, by_page, by_api)


async def _by_page(visitor: Visitor, row: Same, ids: Ids, caused: CausedSince) -> tuple[Page, Caused]:
    page = await visitor.open(row.page.format(**ids))
    began = datetime.now(UTC)
    return await _send(visitor, page, row, ids), await _until(row, began, caused)


async def _by_api(person: httpx2.AsyncClient, row: Same, ids: Ids, caused: CausedSince) -> tuple[Any, Caused]:
    began = datetime.now(UTC)
    return await _ask(person, row, ids), await _until(row, began, caused)


async def _until(row: Same, began: datetime, caused: CausedSince) -> Caused:
    async def found() -> Caused | None:
        all_of_it = await caused(began)
        return all_of_it if row.last in ("", *(event["kind"] for event in all_of_it["event"])) else None

    return await eventually(found, f"{row.last} has come", every=0.05)


async def _send(visitor: Visitor, page: Page, row: Same, ids: Ids) -> Page:
    typed = filled(row.typed, ids)
    if row.look:
        page, typed = await visitor.send(page, row.look.format(**ids), **typed), {}
    return await visitor.send(page, row.action.format(**ids), row.files, **typed)


async def _ask(person: httpx2.AsyncClient, row: Same, ids: Ids) -> httpx2.Response:
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
        assert by_page.status == row.leads_to, by_page.text
        return
    problem = by_api.json()
    wrong = problem.get("errors") or [problem]
    assert by_page.status == by_api.status_code
    assert row.code in [each["code"] for each in wrong]
    for each in wrong:
        assert PLAINER.get(each["code"], each["detail"].removeprefix("Value error, ")).lower() in by_page.text.lower()
