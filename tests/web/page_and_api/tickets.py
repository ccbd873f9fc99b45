"""What is asked of tickets, and of the views that staff keep of them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.e2e import desk
from tests.stack.people import People
from tests.stack.waiting import eventually
from tests.web.page_and_api.same import Ids, Same, a_word, made, nothing

A_FILE = ("oven.txt", b"How it looks", "text/plain")


async def _ticket(people: People) -> str:
    return str((await desk.open_ticket(await people.log_in("client@globex.example")))["id"])


async def _closed(people: People) -> str:
    ticket = {"id": await _ticket(people)}
    await desk.do(await people.log_in("agent@globex.example"), ticket, "close", reason="Over")
    return ticket["id"]


async def _closed_a_second_ago(people: People) -> str:
    """Deadlines count in whole seconds: when it is opened again they move for certain, and not only where a second
    happens to end in between."""
    ticket_id, closed_by = await _closed(people), datetime.now(UTC).replace(microsecond=0)
    await eventually(lambda: datetime.now(UTC) - closed_by >= timedelta(seconds=1), "that second is over")
    return ticket_id


async def _with_agent(people: People) -> Ids:
    agent = await desk.read(await people.log_in("agent@globex.example"), "me")
    return {"id": await _ticket(people), "agent": agent["user"]["id"]}


async def _with_group(people: People) -> Ids:
    return {"id": await _ticket(people), "group": await made("groups")(people)}


async def _kept(people: People) -> Ids:
    word = str(uuid4())
    view = {"page": "tickets", "name": word, "query": f"q={word}"}
    kept = await (await people.log_in("agent2@globex.example")).post("me/views", json=view)
    assert kept.status_code == 201, kept.text
    return {"id": kept.json()["id"], "word": word}


TICKET, NEW, VIEWS = "/tickets/{id}", "/tickets/new", "/tickets/views"
WORDS = {"subject": "The oven stays cold", "body": "Since this morning.", "priority": "high"}
SEEN = {"page": "tickets", "query": "q={id}"}
ROWS = (
    Same("client", nothing, NEW, NEW, "POST tickets", WORDS, WORDS),
    Same("client", nothing, NEW, NEW, "POST tickets", WORDS, WORDS, files=[A_FILE]),
    Same("client", nothing, NEW, NEW, "POST tickets", WORDS | {"subject": ""}, {"body": "x"}, "missing"),
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
            ("agent", _closed_a_second_ago, "reopen", {"reason": "Cold"}, {"reason": "Cold"}, ""),
            ("agent", _closed, "reopen", {"reason": ""}, {}, "missing"),
            ("agent", _ticket, "priority", {"priority": "urgent"}, {"priority": "urgent"}, ""),
            ("manager", _with_agent, "assign", {"assignee_id": "{agent}"}, {"assignee_id": "{agent}"}, ""),
            ("manager", _with_group, "transfer", {"group_id": "{group}"}, {"group_id": "{group}"}, ""),
            ("manager", _ticket, "assign", {"assignee_id": ""}, {"assignee_id": None}, "nothing_changes"),
            ("manager", _ticket, "transfer", {"group_id": ""}, {"group_id": None}, "nothing_changes"),
        )
    ),
    Same("agent2", a_word, "/tickets?q={id}", VIEWS, "POST me/views", {"name": "{id}"}, SEEN | {"name": "{id}"}),
    Same("agent2", a_word, "/tickets?q={id}", VIEWS, "POST me/views", {"name": ""}, SEEN, "missing"),
    Same("agent2", _kept, "/tickets?q={word}", f"{VIEWS}/{{id}}/forget", "DELETE me/views/{id}", unwritten=True),
)
