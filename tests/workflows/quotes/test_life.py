"""The life of a quote: what people do, and what deadlines do."""

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from pypdf import PdfReader
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from tests.stack.mails import text_of
from tests.workflows.quotes.life import LINES, QuoteLife, history_of, write_quote
from tests.workflows.world import World, eventually

A_DAY, A_SECOND = timedelta(days=1), timedelta(seconds=1)
MANY = [{"name": "Canary line", "quantity": 1, "unit_price": 100_000_000}]
"""Above a million with tax, so that a manager must approve it."""


async def test_a_quote_is_written_sent_and_accepted(world: World) -> None:
    life = await write_quote(
        world, discount_bp=400, lines=[{"name": "Canary", "quantity": 16, "unit_price": 34835, "tax_rate_bp": 2200}]
    )
    assert life.number.startswith("QT-")
    written = life.written
    assert (written["status"], written["quote_version"], written["version"]) == ("draft", 1, 1)
    assert (written["subtotal"], written["discount"], written["tax"], written["total"]) == (
        557360,
        22294,
        117714,
        652780,
    )
    sent = await life.sent()
    assert (sent["status"], sent["version"]) == ("sent", 3)
    accepted = await life.done("client", "accept", name="Canary Client", signature="Canary")
    assert (accepted["status"], accepted["accepted_by"]) == ("accepted", "Canary Client")
    await life.refused("client", "accept", "quote_accepted", name="Canary Client")
    await life.refused("client", "decline", "quote_accepted", reason="Canary")
    await life.refused("agent", "new-version", "quote_accepted")
    assert (await life.edits("agent")).json()["code"] == "quote_not_draft"
    order = await life.done("agent", "convert")
    assert (order["quote_id"], order["total"]) == (life.id, written["total"])
    assert [line["net"] for line in order["lines"]] == [line["net"] for line in written["lines"]]
    await life.refused("agent", "convert", "quote_converted")
    await life.happens("converted")
    assert await life.kinds() == ["opened", "approved_within_limits", "sent", "accepted", "converted"]
    mails = await life.mails(2)
    assert [mail["To"] for mail in mails] == ["client@acme.example", "agent@acme.example"]
    paper = next(mails[0].iter_attachments())
    assert paper.get_filename() == f"{life.number}-v1.pdf"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper.get_content())).pages]
    assert any(life.number in page for page in pages)
    first = await (await world.person("client")).get(f"/quotes/{life.id}/pdf")
    again = await (await world.person("agent")).get(f"/quotes/{life.id}/pdf")
    assert first.content == again.content == paper.get_content()


async def test_a_line_proposes_the_price_in_force(world: World) -> None:
    yesterday, tomorrow = ((datetime.now(UTC) + days * A_DAY).isoformat() for days in (-1, 1))
    product = {"sku": uuid.uuid4().hex, "name": "Canary lamp", "unit_price": 500, "sale_price": 400}
    made = (await (await world.person("manager")).post("/products", json=product)).json()
    line = {"product_id": made["id"], "quantity": 1}
    life = await write_quote(world, lines=[line, line | {"unit_price": 450}])
    assert [each["unit_price"] for each in life.written["lines"]] == [400, 450]
    for sale, price in (({"sale_from": tomorrow}, 500), ({"sale_from": None, "sale_until": yesterday}, 500)):
        await (await world.person("manager")).patch(f"/products/{made['id']}", json=sale)
        assert (await life.edits("agent", lines=[line])).json()["lines"][0]["unit_price"] == price


async def test_above_the_limits_a_manager_approves_who_is_not_the_one_who_asks(world: World) -> None:
    life = await write_quote(world, by="manager", lines=MANY)
    assert (await life.done("manager", "submit"))["status"] == "pending_approval"
    await life.refused("manager", "submit", "quote_not_draft")
    assert (await life.decides("manager", decision="approve")).json()["code"] == "four_eyes"
    assert (await life.decides("agent", decision="approve")).status_code == 403
    assert (await life.decides("admin", decision="approve")).status_code == 200
    assert (await life.read())["status"] == "approved"
    assert await life.kinds() == ["opened", "submitted", "approved"]


async def test_a_rejected_quote_is_edited_and_submitted_again(world: World) -> None:
    life = await write_quote(world, discount_bp=1_001)
    assert (await life.done("agent", "submit"))["status"] == "pending_approval"
    assert (await life.edits("agent")).json()["code"] == "quote_not_draft"
    assert (await life.decides("manager", decision="reject", reason="Canary: too cheap")).status_code == 200
    assert (await life.read())["status"] == "rejected"
    await life.refused("agent", "submit", "quote_not_draft")
    edited = (await life.edits("agent", discount_bp=1_000)).json()
    assert (edited["status"], edited["discount_bp"]) == ("draft", 1_000)
    assert (await life.done("agent", "submit"))["status"] == "approved"
    assert await life.kinds() == ["opened", "submitted", "rejected", "edited", "approved_within_limits"]
    assert [str(mail["To"]) for mail in await life.mails(1)] == ["agent@acme.example"]


async def test_a_sent_quote_reminds_and_expires(world: World) -> None:
    life = await write_quote(world, valid_days=10)
    sent = await life.sent()
    await life.until(sent["valid_until"], -3 * A_DAY + A_SECOND)
    await life.happens("reminded")
    await life.until(sent["valid_until"], A_SECOND)
    await life.happens("expired")
    assert await life.kinds() == ["opened", "approved_within_limits", "sent", "reminded", "expired"]
    await eventually(life.history, ended)
    await life.refused("client", "accept", "quote_expired", name="Canary Client")
    mails = [str(mail["To"]) for mail in await life.mails(3)]
    assert mails == ["client@acme.example", "client@acme.example", "agent@acme.example"]
    second = await _next_version(life)
    assert (second.written["status"], second.written["quote_version"]) == ("draft", 2)


async def test_it_can_be_accepted_in_the_last_seconds_and_not_after(world: World) -> None:
    in_time, late = await write_quote(world, valid_days=1), await write_quote(world, valid_days=1)
    in_time_until, late_until = [(await life.sent())["valid_until"] for life in (in_time, late)]
    await in_time.until(in_time_until, -20 * A_SECOND)
    assert (await in_time.done("client", "accept", name="Canary Client"))["status"] == "accepted"
    await late.until(late_until, A_SECOND)
    await late.refused("client", "accept", "quote_expired", name="Canary Client")
    assert (await late.happens("expired"))[-1] == "expired"


async def test_another_version_supersedes_the_one_before(world: World) -> None:
    life = await write_quote(world)
    await life.refused("agent", "new-version", "quote_not_sent")
    await life.sent()
    token = await life.link()
    second = await _next_version(life)
    assert (second.number, second.written["quote_version"], second.written["version"]) == (life.number, 2, 1)
    assert [line["name"] for line in second.written["lines"]] == ["Canary line"]
    await eventually(life.history, ended)
    old = await life.read()
    assert (old["status"], old["superseded_by_id"]) == ("superseded", second.id)
    await life.refused("client", "accept", "quote_superseded", name="Canary Client")
    await life.refused("agent", "new-version", "quote_superseded")
    nobody = await world.visitor()
    gone = await nobody.get(f"/public/quotes/{token}")
    assert (gone.status_code, gone.json()["code"]) == (410, "quote_superseded")
    by_link = await nobody.post(f"/public/quotes/{token}/accept", json={"name": "Canary"})
    assert (by_link.status_code, by_link.json()["code"]) == (409, "quote_superseded")

    async def status() -> object:
        handle = world.environment.client.get_workflow_handle(f"quote/{second.id}")
        return (await handle.describe()).status

    await eventually(status, lambda found: found is not None and found.name == "RUNNING")
    await second.edits("agent", lines=[*LINES, *LINES])
    await second.sent()
    assert (await second.done("client", "accept", name="Canary Client"))["status"] == "accepted"
    agent = await world.person("agent")
    versions = (await agent.get(f"/quotes/{life.id}/versions")).json()["items"]
    assert [(one["quote_version"], one["status"]) for one in versions] == [(1, "superseded"), (2, "accepted")]
    latest = (await agent.get("/quotes", params={"q": life.number, "latest": True})).json()["items"]
    assert [one["id"] for one in latest] == [second.id]


async def test_whoever_has_the_link_answers_without_an_account(world: World) -> None:
    life = await write_quote(world)
    await life.sent()
    token, nobody = await life.link(), await world.visitor()
    seen = (await nobody.get(f"/public/quotes/{token}")).json()
    assert (seen["number"], seen["status"], seen["total"]) == (life.number, "sent", life.written["total"])
    declined = await nobody.post(f"/public/quotes/{token}/decline", json={"reason": "Canary: too dear"})
    assert (declined.status_code, declined.json()["status"]) == (200, "declined")
    events = (await (await world.person("agent")).get(f"/quotes/{life.id}/timeline")).json()["items"]
    assert (events[-1]["kind"], events[-1]["actor"], events[-1]["reason"]) == (
        "declined",
        {"kind": "user", "id": None},
        "Canary: too dear",
    )
    for path in ("x", f"{token}x", token.replace(token[:5], "AAAAA", 1)):
        assert (await nobody.get(f"/public/quotes/{path}")).status_code == 404
    other = (await nobody.post(f"/public/quotes/{token}/accept", json={"name": "Canary"})).json()
    assert other["code"] == "quote_declined"


async def test_who_has_no_account_is_written_to_at_its_own_address_and_answers_unless_suspended(world: World) -> None:
    agent = await world.person("agent")
    nowhere = {"type": "individual", "name": "Canary person"}
    mute = (await agent.post("/customers", json=nowhere)).json()
    life = await write_quote(world, customer_id=mute["id"])
    await life.done("agent", "submit")
    await life.refused("agent", "send", "customer_unreachable")
    given = {"email": "canary@shop.example"}
    assert (await agent.patch(f"/customers/{mute['id']}", json=given)).status_code == 200
    await life.done("agent", "send")
    mail = (await life.mails(1))[0]
    assert mail["To"] == "canary@shop.example"
    manager, path = await world.person("manager"), f"/public/quotes/{await life.link()}/accept"
    assert (await manager.post(f"/customers/{mute['id']}/suspend", json={"reason": "Unpaid"})).status_code == 200
    suspended = await (await world.visitor()).post(path, json={"name": "Canary"})
    assert (suspended.status_code, suspended.json()["code"]) == (403, "customer_suspended")


async def test_a_customer_without_accounts_accepts_by_the_link(world: World) -> None:
    agent = await world.person("agent")
    given = {"type": "individual", "name": "Canary person", "email": "canary@shop.example"}
    life = await write_quote(world, customer_id=(await agent.post("/customers", json=given)).json()["id"])
    await life.sent()
    path = f"/public/quotes/{await life.link()}/accept"
    accepted = await (await world.visitor()).post(path, json={"name": "Canary"})
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")


async def test_a_draft_is_deleted_and_gone(world: World) -> None:
    life = await write_quote(world)
    agent = await world.person("agent")
    assert (await agent.delete(f"/quotes/{life.id}")).status_code == 204
    assert (await agent.get(f"/quotes/{life.id}")).status_code == 404
    assert (await life.does("agent", "submit")).status_code == 404
    sent = await write_quote(world)
    await sent.sent()
    refused = await agent.delete(f"/quotes/{sent.id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "quote_not_draft")


async def test_a_draft_is_printed_as_one_and_its_customer_does_not_see_it(world: World) -> None:
    life = await write_quote(world)
    paper = await (await world.person("agent")).get(f"/quotes/{life.id}/pdf")
    assert paper.status_code == 200, paper.text
    assert "BROUILLON" in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    client = await world.person("client")
    assert (await client.get(f"/quotes/{life.id}/pdf")).status_code == 404
    assert (await client.get(f"/quotes/{life.id}")).status_code == 404
    assert (await life.does("client", "accept", name="Canary")).status_code == 404


async def test_a_request_is_answered_by_a_quote(world: World) -> None:
    client, agent = await world.person("client"), await world.person("agent")
    asked = await client.post("/quote-requests", json={"description": "Canary: ten chairs"})
    assert asked.status_code == 201, asked.text
    request = asked.json()
    assert request["number"].startswith("QR-")
    waiting = (await agent.get("/reviews", params={"kind": "quote_request", "status": "pending"})).json()["items"]
    task = next(task for task in waiting if task["case"]["id"] == request["id"])
    life = await write_quote(world, request_id=request["id"])

    async def look() -> dict[str, Any]:
        return (await client.get(f"/quote-requests/{request['id']}")).json()

    answered = await eventually(look, lambda read: read["status"] == "quoted")
    assert answered["quote_id"] is None
    assert (await agent.get(f"/quote-requests/{request['id']}")).json()["quote_id"] == life.id
    done = (await agent.get(f"/reviews/{task['id']}")).json()
    assert (done["status"], done["decision"]) == ("done", "done")
    await history_of(world, f"quote_request/{request['id']}")
    again = await agent.post(
        "/quotes", json={"customer_id": request["customer_id"], "lines": LINES, "request_id": request["id"]}
    )
    assert (again.status_code, again.json()["code"]) == (409, "quote_request_settled")
    await life.sent()
    assert (await client.get(f"/quote-requests/{request['id']}")).json()["quote_id"] == life.id


async def test_a_request_is_declined(world: World) -> None:
    client, agent = await world.person("client"), await world.person("agent")
    request = (await client.post("/quote-requests", json={"description": "Canary: the moon"})).json()
    waiting = (await agent.get("/reviews", params={"kind": "quote_request", "status": "pending"})).json()["items"]
    task = next(task for task in waiting if task["case"]["id"] == request["id"])
    decided = await agent.post(f"/reviews/{task['id']}/decision", json={"decision": "reject", "reason": "Not ours"})
    assert decided.status_code == 200, decided.text
    assert (await client.get(f"/quote-requests/{request['id']}")).json()["status"] == "declined"
    kinds = [event["kind"] for event in (await client.get(f"/quote-requests/{request['id']}/timeline")).json()["items"]]
    assert kinds == ["opened", "declined"]
    await history_of(world, f"quote_request/{request['id']}")


async def test_what_was_sent_is_sent_again_and_taken_back(world: World) -> None:
    life = await write_quote(world)
    await life.refused("agent", "resend", "quote_not_sent")
    sent = await life.sent()
    again = await life.done("agent", "resend")
    assert (again["status"], again["valid_until"]) == ("sent", sent["valid_until"])
    first, second = await life.mails(2)
    assert (first["To"], first["Subject"]) == (second["To"], second["Subject"])
    token = await life.link()

    withdrawn = await life.done("agent", "withdraw", reason="Canary: the wrong customer")
    assert withdrawn["status"] == "withdrawn"
    assert await life.kinds() == ["opened", "approved_within_limits", "sent", "resent", "withdrawn"]
    gone = await (await world.visitor()).get(f"/public/quotes/{token}")
    assert (gone.status_code, gone.json()["code"]) == (410, "quote_withdrawn")
    for who, command, body in (("client", "accept", {"name": "Canary Client"}), ("agent", "resend", {})):
        await life.refused(who, command, "quote_withdrawn", **body)
    await life.refused("agent", "withdraw", "quote_withdrawn", reason="Canary")
    last = (await life.mails(3))[-1]
    assert ("Nous avons retiré" in last["Subject"], token in text_of(last)) == (True, True)
    await eventually(life.history, ended)
    assert (await _next_version(life)).written["status"] == "draft"


async def test_an_approval_is_asked_for_no_more(world: World) -> None:
    life = await write_quote(world, discount_bp=1_001)
    assert (await life.done("agent", "submit"))["status"] == "pending_approval"
    task = await life.task()
    assert (await life.done("agent", "withdraw", reason="Canary: too early"))["status"] == "draft"
    settled = (await (await world.person("manager")).get(f"/reviews/{task['id']}")).json()
    assert settled["status"] == "cancelled"
    assert (await life.edits("agent", discount_bp=1_000)).status_code == 200
    assert (await life.done("agent", "submit"))["status"] == "approved"
    await life.refused("agent", "withdraw", "quote_not_sent", reason="Canary")
    assert await life.kinds() == ["opened", "submitted", "approval_withdrawn", "edited", "approved_within_limits"]


async def test_a_request_is_withdrawn(world: World) -> None:
    client, agent = await world.person("client"), await world.person("agent")
    request = (await client.post("/quote-requests", json={"description": "Canary: never mind"})).json()
    path, waiting = f"/quote-requests/{request['id']}", {"kind": "quote_request", "case_id": request["id"]}
    assert (await agent.post(f"{path}/withdraw")).status_code == 403
    assert (await client.post(f"{path}/withdraw", json={"reason": "Canary"})).json()["status"] == "withdrawn"
    (task,) = (await agent.get("/reviews", params=waiting)).json()["items"]
    assert task["status"] == "cancelled"
    again = await client.post(f"{path}/withdraw")
    assert (again.status_code, again.json()["code"]) == (409, "quote_request_settled")
    await history_of(world, f"quote_request/{request['id']}")


def ended(history: WorkflowHistory) -> bool:
    return EventType.Name(history.events[-1].event_type) == "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"


async def _next_version(life: QuoteLife) -> QuoteLife:
    return QuoteLife(life.world, await life.done("agent", "new-version"))
