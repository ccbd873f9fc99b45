"""The lives of callbacks, on the real server."""

from datetime import timedelta
from typing import Any

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


async def test_a_callback_is_planned_reminded_of_and_made(world: RealWorld) -> None:
    callback = await _asked(world)
    case = f"callback/{callback['id']}"
    agent = await world.person("agent")
    at = (await world.now(case) + 3 * AN_HOUR).isoformat()
    answer = await agent.post(f"/callbacks/{callback['id']}/plan", json={"at": at})
    assert answer.status_code == 200, answer.text
    await world.pass_time(case, 3 * AN_HOUR)
    tasks = (await agent.get("/reviews", params={"kind": "callback", "sort": "-opened_at", "limit": 200})).json()[
        "items"
    ]
    task = next(task for task in tasks if task["case"]["id"] == callback["id"])
    decided = await agent.post(f"/reviews/{task['id']}/decision", json={"decision": "done"})
    assert decided.status_code == 200, decided.text
    await ended(world, case)
    await world.keep("callback_done", case)


async def test_a_callback_is_given_up(world: RealWorld) -> None:
    callback = await _asked(world)
    case = f"callback/{callback['id']}"
    await world.pass_time(case, 8 * A_DAY)
    await ended(world, case)
    await world.keep("callback_given_up", case)


async def _asked(world: RealWorld) -> dict[str, Any]:
    body = {"phone": "+213 550 12 34 56", "topic": "Canary: about my order"}
    answer = await (await world.person("client")).post("/callbacks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
