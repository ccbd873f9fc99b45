"""Each change of calendars, policies, groups and categories is in the audit, with what was before and after."""

from uuid import uuid4

from tests.api.audit.entries import CALENDAR, about, account_of, entries
from tests.api.demo_house import House


async def test_a_calendars_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    key = {"Idempotency-Key": str(uuid4())}
    made = await admin.post("/api/v1/calendars", json=CALENDAR, headers=key)
    assert made.status_code == 201, made.text
    assert (await admin.post("/api/v1/calendars", json=CALENDAR, headers=key)).json() == made.json()
    path = f"/api/v1/calendars/{made.json()['id']}"
    changed = {**CALENDAR, "timezone": "Africa/Algiers"}
    assert (await admin.put(path, json=changed)).status_code == 200
    assert (await admin.put(path, json=changed)).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await about(in_house, f"calendar/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["calendar.created", "calendar.replaced", "calendar.deleted"]
    assert entries[1]["detail"] == {"timezone": {"before": "Europe/Paris", "after": "Africa/Algiers"}}


async def test_a_policys_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    existing = (await admin.get("/api/v1/sla-policies")).json()["items"][0]
    body = {**{name: existing[name] for name in ("calendar_id", "targets", "warn_percent", "escalations")}}
    made = await admin.post("/api/v1/sla-policies", json={**body, "name": "Gold"})
    assert made.status_code == 201, made.text
    path = f"/api/v1/sla-policies/{made.json()['id']}"
    assert (await admin.put(path, json={**body, "name": "Gold", "warn_percent": 60})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await about(in_house, f"sla_policy/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["sla_policy.created", "sla_policy.replaced", "sla_policy.deleted"]
    assert entries[1]["detail"] == {"warn_percent": {"before": existing["warn_percent"], "after": 60}}


async def test_a_groups_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    agent = await account_of(in_house, "agent@globex.example")
    made = await admin.post("/api/v1/groups", json={"name": "Night shift", "member_ids": []})
    assert made.status_code == 201, made.text
    path = f"/api/v1/groups/{made.json()['id']}"
    assert (await admin.put(path, json={"name": "Night shift", "member_ids": [agent]})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await about(in_house, f"group/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["group.created", "group.replaced", "group.deleted"]
    assert entries[1]["detail"] == {"member_ids": {"before": [], "after": [agent]}}


async def test_a_categorys_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    made = await admin.post("/api/v1/categories", json={"name": "Refunds"})
    assert made.status_code == 201, made.text
    path = f"/api/v1/categories/{made.json()['id']}"
    assert (await admin.put(path, json={"name": "Money back"})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await about(in_house, f"category/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["category.created", "category.replaced", "category.deleted"]


async def test_a_change_that_is_refused_leaves_no_entry(in_house: House) -> None:
    ident = str(uuid4())
    admin = await in_house.person("admin@globex.example")
    taken = (await admin.get("/api/v1/calendars")).json()["items"][0]
    refused = await admin.post(
        "/api/v1/calendars", json={**CALENDAR, "name": taken["name"]}, headers={"X-Correlation-Id": ident}
    )
    assert refused.status_code == 409
    assert await entries(in_house, "globex", correlation_id=ident) == []
