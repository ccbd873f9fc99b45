"""A superuser who changes, removes or swaps entries is found out, and the broken entry is named."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
import typer
from psycopg import sql
from sqlmodel import col

from domain.audit_chain import Entry, Fault, digest
from models.audit import AuditRow
from ops.audit import What, audit
from runtime.settings import settings as process_settings
from tests.api.audit.chains import verdict_on
from tests.api.demo_house import House

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
    broken = (await verdict_on(in_house, chain)).broken
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
    broken = (await verdict_on(in_house, chain)).broken
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
    broken = (await verdict_on(in_house, chain)).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (4, Fault.OUT_OF_ORDER)


async def test_two_entries_that_change_places_are_named(
    in_house: House, chain: UUID, superuser: psycopg.Connection[Any]
) -> None:
    for before, after in ((2, -1), (3, 2), (-1, 3)):
        _tamper(
            superuser, "UPDATE audit SET sequence = %s WHERE tenant_id = %s AND sequence = %s", after, chain, before
        )
    broken = (await verdict_on(in_house, chain)).broken
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
    broken = (await verdict_on(in_house, chain)).broken
    assert broken is not None
    assert broken.fault == fault


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


def _tamper(superuser: psycopg.Connection[Any], statement: str, *values: object) -> None:
    assert superuser.execute(sql.SQL(statement), values).rowcount == 1  # type: ignore[arg-type]
