"""What a service level promised to do with a ticket, when whom it names is not there any more."""

from datetime import timedelta
from typing import Any

import httpx2
import sqlalchemy as sa

from ops.demo.people import TARGETS
from tests.workflows.world import Life, World, eventually

FIRST = {"clock": "first_response"}


async def _made(http: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_an_escalation_to_what_is_gone_is_an_event_and_the_ticket_goes_on(world: World) -> None:
    """The group was deleted under its policy, another never was one, the role was deleted before the tickets heard."""
    admin = await world.person("admin")
    group = await _made(admin, "/groups", name="Second line")
    role = await _made(admin, "/roles", key="watch", name="Watch", permissions=["tickets:read"])
    [office] = (await admin.get("/calendars")).json()["items"]
    steps = [
        FIRST | {"action": "reassign_group", "target": group["id"], "minutes_after_breach": 1},
        FIRST | {"action": "notify_role", "target": role["key"], "minutes_after_breach": 2},
    ]
    terms = {"calendar_id": office["id"], "targets": TARGETS}
    policy = await _made(admin, "/sla-policies", name="Ladder", escalations=steps, **terms)
    await _before_targets_were_checked(world, policy["id"], FIRST | {"action": "reassign_group", "target": "no-group"})
    category = await _made(admin, "/categories", name="On the ladder", sla_policy_id=policy["id"])
    opened = await _made(
        await world.person("client"),
        "/tickets",
        subject="Canary",
        body="Canary",
        priority="urgent",
        category_id=category["id"],
    )
    life = Life(world, opened)
    # The sweep, which would bring the new terms to the ticket, does not come.
    changed = await admin.put(f"/sla-policies/{policy['id']}", json={"name": "Ladder", "escalations": [], **terms})
    assert changed.status_code == 200, changed.text
    for path in (f"/groups/{group['id']}", f"/roles/{role['id']}"):
        assert (await admin.delete(path)).status_code == 204

    await life.until(opened["first_response_due_at"], plus=timedelta(minutes=5))

    await life.happens("escalated", times=3)
    events = (await (await world.person("agent")).get(f"{life.url}/timeline?limit=200")).json()["items"]
    escalated = [event["changes"] for event in events if event["kind"] == "escalated"]
    assert [changes.pop("target_gone") for changes in escalated] == [group["id"], role["key"], "no-group"]
    assert [changes.keys() & {"group_id", "assignee_id"} for changes in escalated] == [set()] * 3
    told = await eventually(lambda: _mails_to_manager(world, life), lambda mails: len(mails) >= 4)
    assert len(told) == 4, "of the breach and of each escalation"
    assert (await life.does("agent", "priority", priority="high")).status_code == 200


async def _mails_to_manager(world: World, life: Life) -> list[str]:
    return [mail for mail in world.postbox.about(life.number) if mail.startswith("manager@acme.example")]


async def _before_targets_were_checked(world: World, policy_id: str, step: dict[str, Any]) -> None:
    """A further step, as a policy may still have it that is older than the check."""
    admin = await world.person("admin")
    tenant_id = (await admin.get("/me")).json()["tenant"]["id"]
    further = sa.text(
        "UPDATE sla_terms SET policy = jsonb_set(policy, '{escalations}', policy->'escalations' || "
        "jsonb_build_array((policy->'escalations'->0) || CAST(:step AS jsonb))) WHERE policy_id = :policy"
    )
    async with world.database.transaction(tenant_id) as session:
        await session.execute(
            further.bindparams(sa.bindparam("step", type_=sa.JSON)),
            {"step": step | {"minutes_after_breach": 3}, "policy": policy_id},
        )
