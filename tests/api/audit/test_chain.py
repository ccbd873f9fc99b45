"""Entries are chained without a gap, and the app can only add to them."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb
from sqlalchemy.exc import ProgrammingError

from domain.audit_chain import GENESIS, Entry, digest
from models.audit import AuditHead, AuditRow
from stores.audit import record
from tests.api.audit.chains import a_tenant, add, verdict_on
from tests.api.demo_house import House

DETAILS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="\x00", codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


async def test_entries_are_chained(in_house: House, chain: UUID) -> None:
    verdict = await verdict_on(in_house, chain)
    assert (verdict.count, verdict.broken) == (5, None)


async def test_entries_at_once_queue_without_gap_or_loss(in_house: House) -> None:
    tenant_id = await a_tenant(in_house)
    await asyncio.gather(*(add(in_house, tenant_id, f"race.{number}") for number in range(60)))
    verdict = await verdict_on(in_house, tenant_id)
    assert (verdict.count, verdict.broken) == (60, None)


async def test_a_transaction_that_fails_leaves_no_gap(in_house: House, chain: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        await _record_and_fail(in_house, chain)
    await add(in_house, chain, "thing.done_6")
    verdict = await verdict_on(in_house, chain)
    assert (verdict.count, verdict.broken) == (6, None)


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
    other = await a_tenant(in_house)
    async with in_house.database.transaction(other) as session:
        assert (await session.scalars(sa.select(AuditRow))).all() == []
        assert (await session.scalars(sa.select(AuditHead))).all() == []
    with pytest.raises(ProgrammingError, match="row-level security"):
        await add(in_house, chain, "thing.done", within=other)


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
    tenant_id = await a_tenant(in_house)
    awkward = {
        "text": 'é\u2028"\\ \ud7ff 😀',
        "large": 10**40,
        "empty": {},
        "list": [None, True, -1, [uuid4()]],
        "": "",
    }
    async with in_house.database.transaction(tenant_id) as session:
        await record(session, tenant_id, None, "thing.done", detail=awkward, correlation_id="c")
    verdict = await verdict_on(in_house, tenant_id)
    assert (verdict.count, verdict.broken) == (1, None)


async def test_a_fraction_is_no_detail(in_house: House, chain: UUID) -> None:
    with pytest.raises(TypeError):
        await add(in_house, chain, "thing.done", detail={"share": 0.5})


async def _record_and_fail(house: House, tenant_id: UUID) -> None:
    async with house.database.transaction(tenant_id) as session:
        await record(session, tenant_id, None, "thing.undone", correlation_id="c-1")
        raise ZeroDivisionError


async def _execute(house: House, tenant_id: UUID, statement: str) -> None:
    async with house.database.transaction(tenant_id) as session:
        await session.execute(sa.text(statement))
