"""What a page's form asks is what the API is asked: the same command with the same arguments, the same events, the same
entries of the audit, and the same refusal. Each row is sent through both, each time to a case of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.e2e import desk, kyc_desk, quotes
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.web.visitor import Visitor
from web.customers.routes import FACTS
from web.http.refusal_words import PLAINER

Make = Callable[[People], Awaitable[str | dict[str, str]]]
Sitting = Callable[[str], Awaitable[Visitor]]
Written = Callable[[str, datetime], Awaitable[dict[str, Any]]]

_BY = {
    "command": "SELECT kind, arguments, reason FROM command WHERE actor_id = %s AND created_at >= %s ORDER BY kind",
    "event": "SELECT case_kind, kind, changes, reason FROM event WHERE actor_id = %s AND at >= %s ORDER BY place",
    "audit": "SELECT action, entity_kind, detail FROM audit WHERE actor_id = %s AND created_at >= %s ORDER BY sequence",
}


@dataclass(frozen=True)
class Same:
    """`who` sends the page's form at `action` with what is `typed`, and asks the API's `asked` with `body`, of what
    `make` makes: its id stands for `{id}` in all of them, that of its task for `{task}`. `code` is why it is refused,
    where it is."""

    who: str
    make: Make
    page: str
    action: str
    asked: str
    typed: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    code: str = ""

    def __str__(self) -> str:
        return f"{self.asked} {self.code}".strip()


async def _ticket(people: People) -> str:
    return str((await desk.open_ticket(await people.log_in("client@globex.example")))["id"])


async def _closed(people: People) -> str:
    ticket = {"id": await _ticket(people)}
    await desk.do(await people.log_in("agent@globex.example"), ticket, "close", reason="Over")
    return ticket["id"]


async def _nothing(_: People) -> str:
    return ""


async def _word(_: People) -> str:
    return str(uuid4())


def _made(path: str) -> Make:
    """Makes one of the house's settings, of a name that no other has."""

    async def make(people: People) -> str:
        made = await (await people.log_in("admin@globex.example")).post(path, json={"name": str(uuid4())})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    return make


async def _quote(people: People) -> str:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    return str((await quotes.write_quote(author, customer))["id"])


async def _approved(people: People) -> str:
    quote = {"id": await _quote(people)}
    await quotes.do(await people.log_in("agent@globex.example"), quote, "submit")
    return quote["id"]


async def _sent(people: People) -> str:
    quote = {"id": await _approved(people)}
    await quotes.do(await people.log_in("agent@globex.example"), quote, "send")
    return quote["id"]


async def _review(people: People) -> str:
    return str((await kyc_desk.submitted(await people.log_in("admin@globex.example")))["id"])


async def _claimed(people: People) -> str:
    review = await _review(people)
    reviewer = await people.log_in("reviewer@globex.example")
    assert (await reviewer.post(f"reviews/{review}/claim")).status_code == 200
    return review


async def _customer(people: People) -> str:
    return str((await kyc_desk.new_customer(await people.log_in("admin@globex.example")))["id"])


async def _checked(people: People) -> str:
    return str((await kyc_desk.submitted(await people.log_in("admin@globex.example")))["case"]["id"])


async def _request(people: People) -> str:
    client = await people.log_in("client@globex.example")
    return str((await client.post("quote-requests", json={"description": "Two relays"})).json()["id"])


async def _task_of(people: People, who: str, case_id: str) -> dict[str, str]:
    newest = await desk.read(await people.log_in(f"{who}@globex.example"), "reviews", sort="-opened_at", limit=200)
    return {"id": case_id, "task": next(each["id"] for each in newest["items"] if each["case"]["id"] == case_id)}


async def _asked_for(people: People) -> dict[str, str]:
    return await _task_of(people, "agent", await _request(people))


async def _above_limits(people: People) -> dict[str, str]:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    lines = [{"name": "An oven", "quantity": "2", "unit_price": 900_000_000}]
    quote = await quotes.write_quote(author, customer, lines=lines)
    await quotes.do(author, quote, "submit")
    return await _task_of(people, "manager", quote["id"])


TICKET, NEW, QUOTE, TASK, CUSTOMER = "/tickets/{id}", "/tickets/new", "/quotes/{id}", "/inbox/{id}", "/customers/{id}"
WORDS = {"subject": "The oven stays cold", "body": "Since this morning.", "priority": "high"}
DONE = {"body": "It is mended.", "status": "resolved"}
AGAIN = {"decision": "request_changes", "reason": "Once more, please."}
SETTLED = {"decision": "reject", "reason": "Too far."}
NAMED, NAMELESS = {"name": "{id}"}, {"name": ""}
ROWS = (
    Same("client", _nothing, NEW, "/tickets/new", "POST tickets", WORDS, WORDS),
    Same("client", _nothing, NEW, "/tickets/new", "POST tickets", WORDS | {"subject": ""}, {"body": "x"}, "missing"),
    *(
        Same(who, make, TICKET, f"{TICKET}/{deed}", f"POST tickets/{{id}}/{deed}", typed, body, code)
        for who, make, deed, typed, body, code in (
            ("client", _ticket, "messages", {"body": "More."}, {"body": "More."}, ""),
            ("client", _ticket, "messages", {"body": " "}, {"body": " "}, "string_too_short"),
            ("client", _ticket, "close", {}, {}, ""),
            ("agent", _ticket, "messages", {"body": "N", "internal": "yes"}, {"body": "N", "internal": True}, ""),
            (
                "agent",
                _ticket,
                "messages",
                {"body": "R", "status": "resolved"},
                {"body": "R", "status": "resolved"},
                "",
            ),
            ("agent", _ticket, "status", {"status": "on_hold"}, {"status": "on_hold"}, ""),
            ("agent", _ticket, "status", {"status": "open"}, {"status": "open"}, "transition_not_allowed"),
            ("agent", _closed, "messages", {"body": "Late"}, {"body": "Late"}, "ticket_closed"),
            ("agent", _ticket, "priority", {"priority": "urgent"}, {"priority": "urgent"}, ""),
            ("manager", _ticket, "assign", {"assignee_id": ""}, {"assignee_id": None}, "nothing_changes"),
            ("manager", _ticket, "transfer", {"group_id": ""}, {"group_id": None}, "nothing_changes"),
        )
    ),
    *(
        Same(who, make, QUOTE, f"{QUOTE}/{deed}", f"POST quotes/{{id}}/{deed}", typed, {} if code else typed, code)
        for who, make, deed, typed, code in (
            ("agent", _quote, "submit", {}, ""),
            ("agent", _approved, "send", {}, ""),
            ("agent", _sent, "new-version", {}, ""),
            ("client", _sent, "accept", {"name": "Samia Haddad"}, ""),
            ("client", _sent, "accept", {"name": ""}, "missing"),
            ("client", _sent, "decline", {"reason": "Too dear."}, ""),
            ("agent", _sent, "resend", {}, ""),
            ("agent", _sent, "withdraw", {"reason": "Wrong prices."}, ""),
            ("agent", _sent, "withdraw", {"reason": ""}, "missing"),
        )
    ),
    Same("agent", _quote, QUOTE, f"{QUOTE}/delete", "DELETE quotes/{id}"),
    *(
        Same("manager", _above_limits, QUOTE, f"{QUOTE}/approval/{{task}}", "POST reviews/{task}/decision", said, said)
        for said in ({"decision": "approve"}, {"decision": "reject", "reason": "Too much."})
    ),
    Same(
        *("agent", _asked_for, "/quote-requests/{id}", "/quote-requests/{id}/settle/{task}"),
        *("POST reviews/{task}/decision", SETTLED, SETTLED),
    ),
    Same(
        *("agent", _asked_for, "/quote-requests/{id}", "/quote-requests/{id}/settle/{task}"),
        *("POST reviews/{task}/decision", SETTLED | {"reason": ""}, {"decision": "reject"}, "reason_required"),
    ),
    Same(
        *("client", _request, "/quote-requests/{id}", "/quote-requests/{id}/withdraw"),
        "POST quote-requests/{id}/withdraw",
    ),
    Same("reviewer", _review, TASK, f"{TASK}/claim", "POST reviews/{id}/claim"),
    Same("reviewer", _claimed, TASK, f"{TASK}/release", "POST reviews/{id}/release"),
    Same("reviewer", _review, TASK, f"{TASK}/decision", "POST reviews/{id}/decision", AGAIN, AGAIN),
    Same(
        *("reviewer", _review, TASK, f"{TASK}/decision", "POST reviews/{id}/decision"),
        *(SETTLED | {"reason": ""}, {"decision": "reject"}, "reason_required"),
    ),
    Same("manager", _customer, CUSTOMER, f"{CUSTOMER}/activate", "POST customers/{id}/activate", code="kyc_incomplete"),
    Same("admin", _customer, CUSTOMER, f"{CUSTOMER}/end", "DELETE customers/{id}"),
    Same(
        *("admin", _customer, f"{CUSTOMER}/edit", f"{CUSTOMER}/edit", "PATCH customers/{id}"),
        *({"name": "Another", "country": "FR"}, dict.fromkeys(FACTS) | {"name": "Another", "country": "FR"}),
    ),
    Same(
        *("reviewer", _checked, f"{CUSTOMER}/kyc", f"{CUSTOMER}/kyc/risk", "POST customers/{id}/kyc/risk"),
        *({"risk": "high", "reason": "New"}, {"risk": "high", "reason": "New"}),
    ),
    Same(
        *("client", _nothing, "/quote-requests/new", "/quote-requests/new", "POST quote-requests"),
        *({"description": "Two relays"}, {"description": "Two relays"}),
    ),
    *(
        Same("admin", make, page, action, f"{verb} {path}", typed, typed | body if typed else {}, code)
        for what, body in (("groups", {"member_ids": []}), ("categories", {"sla_policy_id": None}))
        for all_, one in ((f"/settings/{what}", f"/settings/{what}/{{id}}"),)
        for make, page, action, verb, path, typed, code in (
            (_word, all_, all_, "POST", what, NAMED, ""),
            (_word, all_, all_, "POST", what, NAMELESS, "string_too_short"),
            (_made(what), one, one, "PUT", f"{what}/{{id}}", NAMED, ""),
            (_made(what), one, f"{one}/delete", "DELETE", f"{what}/{{id}}", {}, ""),
        )
    ),
)


@pytest.fixture(scope="module")
async def sitting(stack: RunningStack) -> AsyncIterator[Sitting]:
    """Somebody at a browser, where each logs in once."""
    visitors: dict[str, Visitor] = {}

    async def at(email: str) -> Visitor:
        if email not in visitors:
            visitors[email] = Visitor(stack.address)
            assert (await visitors[email].log_in(email)).status == 200
        return visitors[email]

    yield at
    for visitor in visitors.values():
        await visitor.close()


@pytest.fixture
async def written(stack: RunningStack) -> AsyncIterator[Written]:
    """What somebody has caused since a moment: commands, events and entries of the audit, all ids alike."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url, row_factory=dict_row) as database:

        async def by(account_id: str, since: datetime) -> dict[str, Any]:
            found = {}
            for what, query in _BY.items():
                found[what] = _alike(await (await database.execute(query, (account_id, since))).fetchall())
            await database.rollback()
            return found

        yield by


def _alike(value: Any, name: str = "") -> Any:
    """The value with every id, moment and number of a case replaced by a word for it: there are two cases."""
    if isinstance(value, dict):
        return {key: _alike(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_alike(each) for each in value]
    if name in ("number", "version"):
        return f"some {name}"
    if isinstance(value, str) and len(value) >= len("2026-11-29T10:00"):
        for kind in (UUID, datetime.fromisoformat):
            with suppress(ValueError):
                return f"some {type(kind(value)).__name__}"
    return value


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_page_asks_as_the_api_is_asked(people: People, sitting: Sitting, written: Written, row: Same) -> None:
    email = f"{row.who}@globex.example"
    person, visitor = await people.log_in(email), await sitting(email)
    me = (await desk.read(person, "me"))["user"]["id"]

    ids = await _ids(row, people)
    page = await visitor.open(row.page.format(**ids))
    began = datetime.now(UTC)
    by_page = await visitor.send(page, row.action.format(**ids), **_filled(row.typed, ids))
    caused_by_page = await written(me, began)

    ids = await _ids(row, people)
    method, path = row.asked.format(**ids).split(" ")
    began = datetime.now(UTC)
    by_api: httpx2.Response = await person.request(method, path, json=_filled(row.body, ids) or None)

    assert caused_by_page == await written(me, began)
    if not row.code:
        assert by_api.is_success, by_api.text
        assert by_page.status == 200, by_page.text
        assert caused_by_page["command"] or caused_by_page["audit"]
        return
    problem = by_api.json()
    wrong = problem.get("errors") or [problem]
    assert by_page.status == by_api.status_code
    assert row.code in [each["code"] for each in wrong]
    for each in wrong:
        assert PLAINER.get(each["code"], each["detail"].removeprefix("Value error, ")).lower() in by_page.text.lower()


async def _ids(row: Same, people: People) -> dict[str, str]:
    made = await row.make(people)
    return made if isinstance(made, dict) else {"id": made}


def _filled(said: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    return {name: value.format(**ids) if value == NAMED["name"] else value for name, value in said.items()}
