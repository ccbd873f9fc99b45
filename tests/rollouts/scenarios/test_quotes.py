"""The lives of quotes and of requests for them, for the corpus."""

from datetime import timedelta
from typing import Any

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended
from tests.workflows.quotes.life import QuoteLife, write_quote
from tests.workflows.world import eventually

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
MANY = [{"name": "Canary line", "quantity": 1, "unit_price": 100_000_000}]
"""Above a million with tax, so that a manager must approve it."""


async def test_accepted_and_converted(world: RealWorld) -> None:
    life = await write_quote(world)
    await life.sent()
    await life.mails(1)
    await life.done("client", "accept", name="Canary Client")
    await ended(world, life.case)
    await world.keep("quote_accepted", life.case)
    await life.done("agent", "convert")
    await life.happens("converted")
    await ended(world, life.case)
    await world.keep("quote_converted_from_its_row", life.case)


async def test_approved_late_after_it_was_rejected(world: RealWorld) -> None:
    life = await write_quote(world, lines=MANY)
    await life.done("agent", "submit")
    assert (await life.decides("manager", decision="reject", reason="Canary: too cheap")).status_code == 200
    assert (await life.edits("agent", lines=MANY, discount_bp=100)).status_code == 200
    await life.done("agent", "submit")
    await world.pass_time(life.case, 10 * A_DAY)
    await life.happens("task_escalated")
    assert (await life.decides("admin", decision="approve")).status_code == 200
    await life.mails(2)
    await world.keep("quote_approved_late", life.case)


async def test_reminded_expired_and_replaced(world: RealWorld) -> None:
    life = await write_quote(world, valid_days=10)
    await life.sent()
    await life.mails(1)
    await world.pass_time(life.case, 12 * A_DAY)
    await life.happens("expired")
    await ended(world, life.case)
    await world.keep("quote_reminded_and_expired", life.case)
    await life.refused("client", "accept", "quote_expired", name="Canary Client")
    second = await _next_version(life)
    await ended(world, life.case)
    await world.keep("quote_replaced_from_its_row", life.case)
    # A draft waits for ever, and replaces another: it is not discarded.
    await second.done("agent", "submit")
    await world.keep("quote_next_version_begun", second.case)


async def test_superseded_while_it_is_answered(world: RealWorld) -> None:
    life = await write_quote(world)
    await life.sent()
    second = await _next_version(life)
    await ended(world, life.case)
    await world.keep("quote_superseded", life.case)
    await second.sent()
    await second.done("client", "decline", reason="Canary: too dear")
    await ended(world, second.case)
    await world.keep("quote_second_version_declined", second.case)


async def test_taken_back_twice(world: RealWorld) -> None:
    life = await write_quote(world, lines=MANY)
    await life.done("agent", "submit")
    await life.done("agent", "withdraw", reason="Canary: too early")
    assert (await life.edits("agent")).status_code == 200
    await life.sent()
    await life.done("agent", "resend")
    await life.mails(2)
    await life.done("agent", "withdraw", reason="Canary: the wrong customer")
    await ended(world, life.case)
    await world.keep("quote_withdrawn", life.case)


async def test_a_draft_is_discarded(world: RealWorld) -> None:
    life = await write_quote(world)
    assert (await (await world.person("agent")).delete(f"/quotes/{life.id}")).status_code == 204
    await ended(world, life.case)
    await world.keep("quote_discarded", life.case)


async def test_a_request_is_withdrawn(world: RealWorld) -> None:
    request = await _requested(world)
    client = await world.person("client")
    assert (await client.post(f"/quote-requests/{request['id']}/withdraw")).status_code == 200
    await ended(world, f"quote_request/{request['id']}")
    await world.keep("quote_request_withdrawn", f"quote_request/{request['id']}")


async def test_a_request_is_answered_by_a_quote(world: RealWorld) -> None:
    request = await _requested(world)
    life = await write_quote(world, request_id=request["id"])
    client = await world.person("client")

    async def look() -> dict[str, Any]:
        return (await client.get(f"/quote-requests/{request['id']}")).json()

    await eventually(look, lambda read: read["status"] == "quoted")
    await ended(world, f"quote_request/{request['id']}")
    await world.keep("quote_request_quoted", f"quote_request/{request['id']}")
    await eventually(lambda: world.history(life.case), lambda history: "commands.carry" in history.to_json())
    await life.edits("agent", discount_bp=100)
    await world.keep("quote_that_answers_a_request", life.case)


async def test_a_request_is_late_and_declined(world: RealWorld) -> None:
    request = await _requested(world)
    case = f"quote_request/{request['id']}"
    agent = await world.person("agent")
    newest = {"kind": "quote_request", "sort": "-opened_at", "limit": 200}
    tasks = (await agent.get("/reviews", params=newest)).json()["items"]
    path = f"/reviews/{next(task for task in tasks if task['case']['id'] == request['id'])['id']}"
    assert (await agent.post(f"{path}/claim")).status_code == 200
    await world.pass_time(case, 10 * A_DAY)
    manager = await world.person("manager")
    answer = await manager.post(f"{path}/decision", json={"decision": "reject", "reason": "Canary: not ours"})
    assert answer.status_code == 200, answer.text
    await ended(world, case)
    await world.keep("quote_request_late_and_declined", case)


async def _requested(world: RealWorld) -> dict[str, Any]:
    answer = await (await world.person("client")).post("/quote-requests", json={"description": "Canary: ten chairs"})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _next_version(life: QuoteLife) -> QuoteLife:
    return QuoteLife(life.world, await life.done("agent", "new-version"))
