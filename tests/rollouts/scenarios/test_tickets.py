"""The lives of tickets, for the corpus."""

import asyncio
from datetime import timedelta

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended, runs_of
from tests.workflows.world import Life, eventually

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)


async def passes(life: Life, duration: timedelta) -> None:
    """All of it at once: here a case gets there by whatever falls due on its way."""
    await life.world.pass_time(life.case, duration)


async def test_answered_closed_reopened_and_over(world: RealWorld) -> None:
    life = await world.open_ticket()
    assert (await life.does("agent", "messages", body="Canary answer")).status_code == 201
    assert (await life.does("client", "messages", body="Canary thanks")).status_code == 201
    await life.does("agent", "status", status="resolved")
    await passes(life, 7 * A_DAY + A_MINUTE)
    await life.becomes("closed")
    await life.mails(2)
    assert (await life.does("agent", "reopen", reason="Canary")).status_code == 200
    await life.does("agent", "close")
    await passes(life, 14 * A_DAY + A_MINUTE)
    await ended(world, life.case)
    await world.keep("ticket_closed_reopened_and_over", life.case)
    late = await life.does("agent", "reopen", reason="Canary: too late")
    assert late.json()["code"] == "reopen_window_passed"
    assert (await life.does("agent", "messages", body="Canary note", internal=True)).status_code == 201
    await ended(world, life.case)
    await world.keep("ticket_begun_from_its_row", life.case)


async def test_reminded_given_up_and_closed(world: RealWorld) -> None:
    life = await world.open_ticket()
    await life.does("agent", "messages", body="Canary?", status="waiting_for_response")
    await passes(life, 14 * A_DAY + A_MINUTE)
    await life.becomes("closed")
    await life.mails(5)
    assert await life.kinds() == ["opened", "agent_replied", "reminded", "reminded", "resolved_unanswered", "closed"]
    await world.keep("ticket_reminded_and_given_up", life.case)


async def test_warned_breached_and_escalated(world: RealWorld) -> None:
    life = await world.open_ticket("urgent")
    await life.does("agent", "status", status="on_hold")
    await life.does("agent", "status", status="in_progress")
    await passes(life, 10 * A_DAY)
    await life.happens("escalated")
    await life.mails(9)
    await world.keep("ticket_breached_and_escalated", life.case)


async def test_worked_on_by_many_at_once(world: RealWorld) -> None:
    life = await world.open_ticket()
    agent, admin = await world.person("agent"), await world.person("admin")
    me = (await agent.get("/me")).json()["user"]["id"]
    group = (await admin.post("/groups", json={"name": f"Canary {life.id}", "member_ids": [me]})).json()
    assert (await life.does("agent", "transfer", group_id=group["id"])).status_code == 200
    assert (await life.does("agent", "assign", assignee_id=me)).status_code == 200
    stale = await agent.post(f"{life.url}/priority", json={"priority": "low"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await life.does("agent", "priority", priority="low")).status_code == 200
    answers = await asyncio.gather(*(life.does("agent", "close") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    await world.keep("ticket_worked_on_and_refused", life.case)


async def test_its_service_level_changes(world: RealWorld) -> None:
    life = await world.open_ticket()
    admin = await world.person("admin")
    policy = next(each for each in (await admin.get("/sla-policies")).json()["items"] if each["is_default"])
    changed = {name: value for name, value in policy.items() if name != "id"} | {"warn_percent": 60}
    assert (await admin.put(f"/sla-policies/{policy['id']}", json=changed)).status_code == 200
    await world.sweep()
    await life.happens("service_level_changed")
    await world.keep("ticket_service_level_changed", life.case)


async def test_a_long_life_continues_as_new(world: RealWorld) -> None:
    life = await world.open_ticket()
    notes = 0
    while len(await runs_of(world, life.case)) < 2:
        assert (await life.does("agent", "messages", body="Canary note", internal=notes % 5 != 0)).status_code == 201
        notes += 1
        assert notes < 60
    await life.does("agent", "status", status="resolved")
    await passes(life, 7 * A_DAY + A_MINUTE)
    await life.becomes("closed")
    assert (await life.kinds()).count("note_added") == notes - (notes + 4) // 5
    first, second = await eventually(lambda: runs_of(world, life.case), lambda found: len(found) == 2)
    await world.keep("ticket_continued_as_new", life.case, first)
    await world.keep("ticket_carried_on", life.case, second)
