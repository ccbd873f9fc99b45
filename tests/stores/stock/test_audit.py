"""`casewright stock audit` names whatever does not agree."""

import asyncio

import psycopg
import pytest
import typer
from psycopg import sql
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from models.database import Database
from ops.embedded.postgres import Postgres
from ops.embedded.postgres_roles import DATABASE
from ops.stock import What, stock
from runtime.settings import settings as process_settings
from tests.stores.stock.shelf import Shelf, line, new_shelf


@pytest.fixture
async def shelf(database: Database) -> Shelf:
    """Ten pieces came in, three of them are shipped and two reserved; then four were wanted of another product."""
    shelf = await new_shelf(database)
    chair, table, case = await shelf.product(10, sku="CHAIR"), await shelf.backordered(), uuid7()
    shipped = line(chair, 3)
    await shelf.claim(case, shipped, line(chair, 2))
    await shelf.ship(case, shipped.line_id)
    await shelf.claim(uuid7(), line(table, 4))
    assert await shelf.faults() == []
    return shelf


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ("UPDATE stock SET on_hand = on_hand + 1 WHERE {here}", "8 are on hand, and the movements add up to 7"),
        ("UPDATE stock SET reserved = 0 WHERE {here}", "0 are reserved, and the movements add up to 2"),
        ("UPDATE stock SET waiting = 1 WHERE {here}", "1 are waited for, and the claims add up to 0"),
        ("UPDATE stock SET movements = 7 WHERE {here}", "7 movements are counted, and the last one there is 4"),
        ("DELETE FROM stock_movement WHERE place = 2 AND {of}", "movement 2 is missing before movement 3 (reserved)"),
        ("UPDATE stock_movement SET kind = 'shipped' WHERE place = 1 AND {of}", "movement 1 (shipped) changes what"),
        ("UPDATE stock_movement SET on_hand_change = 4 WHERE place = 1 AND {of}", "after movement 3 (reserved) 4 were"),
        ("UPDATE stock_claim SET status = 'released' WHERE turn = 2 AND {of}", "is released, and its movements say"),
        ("DELETE FROM stock_claim WHERE turn = 1 AND {of}", "was moved without a claim"),
        ("UPDATE stock_claim SET quantity = 9 WHERE turn = 2 AND {of}", "is reserved, and its movements say otherwise"),
    ],
)
async def test_a_planted_error_is_named(shelf: Shelf, migrated_postgres: Postgres, planted: str, named: str) -> None:
    plant(migrated_postgres, shelf, planted)
    found = await shelf.faults()
    assert {fault.sku for fault in found} == {"CHAIR"}
    assert any(named in fault.sentence for fault in found), found


def plant(postgres: Postgres, shelf: Shelf, statement: str) -> None:
    here = f"(SELECT id FROM stock WHERE movements = 4 AND tenant_id = '{shelf.tenant_id}')"
    with psycopg.connect(postgres.superuser_url.replace("+psycopg", ""), dbname=DATABASE, autocommit=True) as superuser:
        done = superuser.execute(
            sql.SQL(statement.format(here=f"id = {here}", of=f"stock_id = {here}"))  # type: ignore[arg-type]
        )
        assert done.rowcount == 1


async def test_the_command_ends_with_code_1_and_says_where(
    shelf: Shelf, migrated_postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured = process_settings().model_copy(update={"database_url": SecretStr(migrated_postgres.app_url)})
    monkeypatch.setattr("ops.each_tenant.settings", lambda: configured)
    plant(migrated_postgres, shelf, "UPDATE stock SET on_hand = on_hand + 1 WHERE {here}")
    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(stock, What.AUDIT)
    assert ended.value.exit_code == 1
    assert f"tenant-{shelf.tenant_id}: WRONG, CHAIR: 8 are on hand" in capsys.readouterr().out
