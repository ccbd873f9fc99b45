"""The audit: what is in it, who reads it, and that nobody changes it unseen."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from domain.audit_chain import GENESIS, Entry, Fault, digest
from models.audit import AuditHead, AuditRow
from models.tenants import Tenant
from ops.audit import What, audit
from runtime.settings import settings as process_settings
from stores.audit import Verdict, record, verify
from tests.api.platform.house import House

CALENDAR = {
    "name": "Nights",
    "timezone": "Europe/Paris",
    "windows": [{"weekday": 0, "opens": "20:00", "closes": "23:00"}],
}


@pytest.fixture
async def chain(in_house: House) -> UUID:
    """A tenant whose audit has five entries."""
    tenant_id = await _tenant(in_house)
    for number in range(1, 6):
        await _record(in_house, tenant_id, f"thing.done_{number}")
    return tenant_id


@pytest.fixture
def superuser(in_house: House) -> Iterator[psycopg.Connection[Any]]:
    with in_house.superuser() as connection:
        yield connection


# What is in it


async def test_a_refusal_names_who_what_and_which_permission(in_house: House) -> None:
    ident = str(uuid4())
    client = await in_house.person("client@globex.example")
    refused = await client.post("/api/v1/calendars", json=CALENDAR, headers={"X-Correlation-Id": ident})
    assert refused.status_code == 403
    [entry] = await _entries(in_house, "globex", correlation_id=ident)
    assert entry["action"] == "permission.refused"
    assert entry["detail"] == {
        "method": "POST",
        "route": "/api/v1/calendars",
        "code": "forbidden",
        "permission": "settings:write",
    }
    assert entry["address"] == "127.0.0.1"
    assert entry["actor_id"] == await _account(in_house, "client@globex.example")


async def test_a_route_that_forbids_by_itself_leaves_an_entry_too(in_house: House) -> None:
    ident = str(uuid4())
    client = await in_house.person("client@globex.example")
    ticket = f"/api/v1/tickets/{uuid4()}/messages"
    refused = await client.post(ticket, json={"body": "psst", "internal": True}, headers={"X-Correlation-Id": ident})
    assert refused.status_code == 403
    [entry] = await _entries(in_house, "globex", correlation_id=ident)
    assert entry["detail"]["route"] == "/api/v1/tickets/{ticket_id}/messages"


async def test_what_was_not_refused_leaves_no_refusal(in_house: House) -> None:
    ident = str(uuid4())
    admin = await in_house.person("admin@globex.example")
    answer = await admin.get(f"/api/v1/tickets/{uuid4()}", headers={"X-Correlation-Id": ident})
    assert answer.status_code == 404
    assert await _entries(in_house, "globex", correlation_id=ident) == []


@pytest.mark.parametrize(
    ("email", "tenant", "code"),
    [
        ("agent@globex.example", None, "wrong_password"),
        ("agent@globex.example", "globex", "wrong_password"),
        ("nobody@globex.example", "globex", "unknown_account"),
    ],
)
async def test_a_refused_login_is_in_the_tenants_audit(
    in_house: House, email: str, tenant: str | None, code: str
) -> None:
    ident = str(uuid4())
    body = {"email": email, "password": "not the password", "tenant": tenant}
    answer = await in_house.nobody.post("/api/v1/auth/login", json=body, headers={"X-Correlation-Id": ident})
    assert answer.status_code == 401
    [entry] = await _entries(in_house, "globex", correlation_id=ident)
    assert (entry["action"], entry["detail"]) == ("login.refused", {"code": code})
    assert email not in json.dumps(entry)


async def test_a_refused_login_that_names_nobody_is_nobodys(in_house: House) -> None:
    ident = str(uuid4())
    body = {"email": "nobody@nowhere.example", "password": "not the password"}
    answer = await in_house.nobody.post("/api/v1/auth/login", json=body, headers={"X-Correlation-Id": ident})
    assert answer.status_code == 401
    for slug in ("acme", "globex"):
        assert await _entries(in_house, slug, correlation_id=ident) == []


async def test_a_login_is_in_ones_own_audit(in_house: House) -> None:
    reviewer = await in_house.person("reviewer@globex.example")
    mine = (await reviewer.get("/api/v1/audit/me")).json()["items"]
    assert "login.succeeded" in [entry["action"] for entry in mine]
    assert {entry["actor_id"] for entry in mine} == {await _account(in_house, "reviewer@globex.example")}


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
    entries = await _about(in_house, f"calendar/{made.json()['id']}")
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
    entries = await _about(in_house, f"sla_policy/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["sla_policy.created", "sla_policy.replaced", "sla_policy.deleted"]
    assert entries[1]["detail"] == {"warn_percent": {"before": existing["warn_percent"], "after": 60}}


async def test_a_groups_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    agent = await _account(in_house, "agent@globex.example")
    made = await admin.post("/api/v1/groups", json={"name": "Night shift", "member_ids": []})
    assert made.status_code == 201, made.text
    path = f"/api/v1/groups/{made.json()['id']}"
    assert (await admin.put(path, json={"name": "Night shift", "member_ids": [agent]})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await _about(in_house, f"group/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["group.created", "group.replaced", "group.deleted"]
    assert entries[1]["detail"] == {"member_ids": {"before": [], "after": [agent]}}


async def test_a_categorys_life(in_house: House) -> None:
    admin = await in_house.person("admin@globex.example")
    made = await admin.post("/api/v1/categories", json={"name": "Refunds"})
    assert made.status_code == 201, made.text
    path = f"/api/v1/categories/{made.json()['id']}"
    assert (await admin.put(path, json={"name": "Money back"})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    entries = await _about(in_house, f"category/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["category.created", "category.replaced", "category.deleted"]


async def test_a_change_that_is_refused_leaves_no_entry(in_house: House) -> None:
    ident = str(uuid4())
    admin = await in_house.person("admin@globex.example")
    taken = (await admin.get("/api/v1/calendars")).json()["items"][0]
    refused = await admin.post(
        "/api/v1/calendars", json={**CALENDAR, "name": taken["name"]}, headers={"X-Correlation-Id": ident}
    )
    assert refused.status_code == 409
    assert await _entries(in_house, "globex", correlation_id=ident) == []


# Who reads it


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
    account = await _account(in_house, "client@globex.example")
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


# That nobody changes it unseen


async def test_entries_are_chained(in_house: House, chain: UUID) -> None:
    verdict = await _verify(in_house, chain)
    assert (verdict.count, verdict.broken) == (5, None)


async def test_entries_at_once_queue_without_gap_or_loss(in_house: House) -> None:
    tenant_id = await _tenant(in_house)
    await asyncio.gather(*(_record(in_house, tenant_id, f"race.{number}") for number in range(60)))
    verdict = await _verify(in_house, tenant_id)
    assert (verdict.count, verdict.broken) == (60, None)


async def test_a_transaction_that_fails_leaves_no_gap(in_house: House, chain: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        await _record_and_fail(in_house, chain)
    await _record(in_house, chain, "thing.done_6")
    verdict = await _verify(in_house, chain)
    assert (verdict.count, verdict.broken) == (6, None)


COLUMNS = [column.name for column in AuditRow.__table__.columns]  # type: ignore[attr-defined]


@pytest.mark.parametrize("sequence", [1, 3, 5])
@pytest.mark.parametrize("column", COLUMNS)
async def test_one_byte_changed_anywhere_is_named(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any], column: str, sequence: int
) -> None:
    change = {
        "id": "gen_random_uuid()",
        "tenant_id": "gen_random_uuid()",
        "created_at": "created_at + interval '1 microsecond'",
        "sequence": "sequence + 100",
        "actor_id": "gen_random_uuid()",
        "entity_id": "overlay(entity_id::text PLACING 'f' FROM 1)::uuid",
        "detail": "jsonb_set(detail, '{number}', '8')",
    }.get(column, f"overlay({column} PLACING 'X' FROM 1)")
    _tamper(superuser, f"UPDATE audit SET {column} = {change} WHERE tenant_id = %s AND sequence = %s", chain, sequence)
    broken = (await _verify(in_house, chain)).broken
    assert broken is not None
    assert broken.sequence == sequence
    moved = column in ("tenant_id", "sequence")
    assert broken.fault == (Fault.MISSING if moved else Fault.CHANGED)


async def test_every_column_is_under_the_hash() -> None:
    assert {*Entry.__dataclass_fields__, "hash"} == set(COLUMNS)


@pytest.mark.parametrize("sequence", [1, 3, 5])
async def test_an_entry_taken_out_is_named(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any], sequence: int
) -> None:
    _tamper(superuser, "DELETE FROM audit WHERE tenant_id = %s AND sequence = %s", chain, sequence)
    broken = (await _verify(in_house, chain)).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (sequence, Fault.MISSING)


async def test_an_entry_forged_with_a_right_hash_of_its_own_is_named(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any]
) -> None:
    async with in_house.database.transaction(chain) as session:
        row = await session.scalar(sa.select(AuditRow).where(col(AuditRow.sequence) == 3))
    assert row is not None
    forged = Entry(**{**{name: getattr(row, name) for name in Entry.__dataclass_fields__}, "action": "thing.forged"})
    _tamper(
        superuser,
        "UPDATE audit SET action = 'thing.forged', hash = %s WHERE tenant_id = %s AND sequence = 3",
        digest(forged),
        chain,
    )
    broken = (await _verify(in_house, chain)).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (4, Fault.OUT_OF_ORDER)


async def test_two_entries_that_change_places_are_named(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any]
) -> None:
    for before, after in ((2, -1), (3, 2), (-1, 3)):
        _tamper(
            superuser, "UPDATE audit SET sequence = %s WHERE tenant_id = %s AND sequence = %s", after, chain, before
        )
    broken = (await _verify(in_house, chain)).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (2, Fault.CHANGED)


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("DELETE FROM audit_head WHERE tenant_id = %s", Fault.MISSING),
        ("UPDATE audit_head SET hash = repeat('1', 64) WHERE tenant_id = %s", Fault.CHANGED),
        ("UPDATE audit_head SET sequence = 4 WHERE tenant_id = %s", Fault.OUT_OF_ORDER),
        ("UPDATE audit_head SET sequence = 6 WHERE tenant_id = %s", Fault.MISSING),
    ],
)
async def test_the_head_is_watched_too(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any], tampering: str, fault: Fault
) -> None:
    _tamper(superuser, tampering, chain)
    broken = (await _verify(in_house, chain)).broken
    assert broken is not None
    assert broken.fault == fault


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM audit_head",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "DROP TABLE audit",
    ],
)
async def test_the_apps_role_can_only_add(in_house: House, chain: UUID, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        await _execute(in_house, chain, statement)


async def test_the_apps_role_sees_one_tenants_chain_only(in_house: House, chain: UUID) -> None:
    other = await _tenant(in_house)
    async with in_house.database.transaction(other) as session:
        assert (await session.scalars(sa.select(AuditRow))).all() == []
        assert (await session.scalars(sa.select(AuditHead))).all() == []
    with pytest.raises(ProgrammingError, match="row-level security"):
        await _record(in_house, chain, "thing.done", within=other)


def test_the_command_names_the_tenant_the_entry_and_the_fault(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", in_house.settings.database_url.get_secret_value())  # type: ignore[union-attr]
    process_settings.cache_clear()
    try:
        _tamper(superuser, "DELETE FROM audit WHERE tenant_id = %s AND sequence = 2", chain)
        with pytest.raises(typer.Exit) as ended:
            audit(What.VERIFY)
    finally:
        process_settings.cache_clear()
    assert ended.value.exit_code == 1
    said = capsys.readouterr().out
    assert f"chain-{chain}: BROKEN at entry 2: missing" in said
    assert "globex: ok" in said


DETAILS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="\x00", codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(detail=st.dictionaries(st.text("abc", max_size=3), DETAILS, max_size=3))
def test_the_database_writes_a_detail_its_own_way_and_the_hash_stays(in_house: House, detail: dict[str, Any]) -> None:
    written: dict[str, Any] = {
        "tenant_id": UUID(int=1),
        "sequence": 1,
        "id": UUID(int=2),
        "created_at": datetime(2026, 11, 20, tzinfo=UTC),
        "actor_id": None,
        "action": "x",
        "entity_kind": None,
        "entity_id": None,
        "correlation_id": "c",
        "address": None,
        "previous_hash": GENESIS,
    }
    [[kept]] = in_house.ask("SELECT %s::jsonb", Jsonb(detail))
    assert digest(Entry(**written, detail=kept)) == digest(Entry(**written, detail=detail))


async def test_awkward_details_survive_the_database(in_house: House) -> None:
    tenant_id = await _tenant(in_house)
    awkward = {
        "text": 'é\u2028"\\ \ud7ff 😀',
        "large": 10**40,
        "empty": {},
        "list": [None, True, -1, [uuid4()]],
        "": "",
    }
    async with in_house.database.transaction(tenant_id) as session:
        await record(session, tenant_id, None, "thing.done", detail=awkward, correlation_id="c")
    verdict = await _verify(in_house, tenant_id)
    assert (verdict.count, verdict.broken) == (1, None)


async def test_a_fraction_is_no_detail(in_house: House, chain: UUID) -> None:
    with pytest.raises(TypeError):
        await _record(in_house, chain, "thing.done", detail={"share": 0.5})


async def _tenant(house: House) -> UUID:
    tenant = Tenant(slug="", name="Chain", locale="en", timezone="UTC", currency="EUR")
    tenant.slug = f"chain-{tenant.id}"
    async with house.database.transaction(tenant.id) as session:
        session.add(tenant)
    return tenant.id


async def _record(
    house: House, tenant_id: UUID, action: str, *, detail: dict[str, Any] | None = None, within: UUID | None = None
) -> None:
    async with house.database.transaction(within or tenant_id) as session:
        await record(
            session,
            tenant_id,
            uuid4(),
            action,
            entity_kind="thing",
            entity_id=UUID(int=1),
            detail=detail or {"number": 7},
            correlation_id="c-1",
            address="192.0.2.1",
        )


async def _record_and_fail(house: House, tenant_id: UUID) -> None:
    async with house.database.transaction(tenant_id) as session:
        await record(session, tenant_id, None, "thing.undone", correlation_id="c-1")
        raise ZeroDivisionError


async def _verify(house: House, tenant_id: UUID) -> Verdict:
    async with house.database.transaction(tenant_id) as session:
        return await verify(session)


async def _execute(house: House, tenant_id: UUID, statement: str) -> None:
    async with house.database.transaction(tenant_id) as session:
        await session.execute(sa.text(statement))


def _tamper(superuser: psycopg.Connection[Any], statement: str, *values: object) -> None:
    assert superuser.execute(sql.SQL(statement), values).rowcount == 1  # type: ignore[arg-type]


async def _entries(house: House, slug: str, *, correlation_id: str) -> list[dict[str, Any]]:
    admin = await house.person(f"admin@{slug}.example")
    items = (await admin.get("/api/v1/audit?limit=200")).json()["items"]
    return [entry for entry in items if entry["correlation_id"] == correlation_id]


async def _about(house: House, entity: str) -> list[dict[str, Any]]:
    admin = await house.person("admin@globex.example")
    answer = await admin.get("/api/v1/audit", params={"entity": entity, "sort": "sequence"})
    return answer.json()["items"]


async def _account(house: House, email: str) -> str:
    [[identity]] = house.ask("SELECT id FROM account WHERE email = %s", email)
    return str(identity)
