"""Who reads the audit, and how it is paged and filtered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.api.audit.entries import account_of
from tests.api.demo_house import House


@pytest.mark.parametrize("who", ["manager", "agent", "reviewer", "client"])
async def test_only_an_administrator_reads_everybodys(in_house: House, who: str) -> None:
    person = await in_house.person(f"{who}@globex.example")
    assert (await person.get("/api/v1/audit")).status_code == 403
    assert (await person.get("/api/v1/audit/me")).status_code == 200


async def test_it_needs_a_login(in_house: House) -> None:
    assert (await in_house.nobody.get("/api/v1/audit")).status_code == 401
    assert (await in_house.nobody.get("/api/v1/audit/me")).status_code == 401


async def test_another_tenants_audit_is_not_there(in_house: House) -> None:
    acme = await in_house.person("admin@acme.example")
    globex = await in_house.person("admin@globex.example")
    seen = {entry["id"] for entry in (await acme.get("/api/v1/audit?limit=200")).json()["items"]}
    others = {entry["id"] for entry in (await globex.get("/api/v1/audit?limit=200")).json()["items"]}
    assert seen
    assert others
    assert seen.isdisjoint(others)


async def test_pages_follow_the_chain_without_a_gap(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    for _ in range(3):
        await admin.get(f"/api/v1/tickets/{uuid4()}")
        client = await in_house.person("client@globex.example")
        await client.get("/api/v1/calendars")
    sequences: list[int] = []
    cursor = ""
    while True:
        page = (await admin.get(f"/api/v1/audit?limit=2&sort=sequence{cursor}")).json()
        sequences += [entry["sequence"] for entry in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sequences == list(range(1, len(sequences) + 1))


async def test_filters(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    client = await in_house.person("client@globex.example")
    await client.get("/api/v1/calendars")
    account = await account_of(in_house, "client@globex.example")
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()

    async def found(**params: str) -> list[dict[str, Any]]:
        answer = await admin.get("/api/v1/audit", params={"limit": "200", **params})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    assert {entry["actor_id"] for entry in await found(actor_id=account)} == {account}
    assert {entry["action"] for entry in await found(action="permission.refused")} == {"permission.refused"}
    assert {entry["action"].partition(".")[0] for entry in await found(action="login.")} == {"login"}
    assert {entry["entity_kind"] for entry in await found(entity="account")} == {"account"}
    assert await found(**{"from": soon}) == []
    assert len(await found(to=soon)) == len(await found())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-11-20T08:00:00", 422),
        ("from=yesterday", 422),
        ("actor_id=me", 422),
        ("entity=calendar/seven", 422),
        ("action=%00", 422),
        ("sort=hash", 422),
        ("cursor=bm9uc2Vuc2U", 422),
        ("cursor=WyItc2VxdWVuY2UiLCAiYSIsICIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ==", 422),
        ("unknown=1", 200),
    ],
)
async def test_bad_filters_are_named(in_house: House, query: str, status: int) -> None:
    admin = await in_house.person("admin@globex.example")
    answer = await admin.get(f"/api/v1/audit?{query}")
    assert answer.status_code == status, answer.text
