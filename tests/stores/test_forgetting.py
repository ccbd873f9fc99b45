"""What is over goes after its time, a portion at a time, and nothing before."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError
from uuid_utils.compat import uuid7

from models.database import Database
from ops.embedded.postgres import Postgres
from ops.postgres_programs import libpq_url
from stores import forgetting
from stores.forgetting import forget_what_is_over
from tests.activities.desk import new_desk

Connection = psycopg.Connection[tuple[Any, ...]]
OLD, RECENT = "now() - interval '91 days'", "now() - interval '1 hour'"
HALF_AN_HOUR = timedelta(minutes=30)

# Each is told its tenant, its account, a new id, and the moment at which it was over or last of use.
ROWS = {
    "login_attempt": "INSERT INTO login_attempt (id, created_at, email_digest, address, outcome) "
    "VALUES ({id}, {at}, 'd', '::1', 'refused')",
    "login_session": "INSERT INTO login_session "
    "(id, tenant_id, account_id, address, last_used_at, expires_at, ended_at, ended_by) "
    "VALUES ({id}, {tenant}, {account}, '::1', {at}, now() + interval '1 day', {at}, 'logout')",
    "refresh_token": "INSERT INTO refresh_token (id, session_id, account_id, token_hash, expires_at, spent_at) "
    "SELECT {id}, id, account_id, '', now(), now() FROM login_session WHERE account_id = {account} "
    "ORDER BY id DESC LIMIT 1",
    "mailed_token": "INSERT INTO mailed_token (id, tenant_id, account_id, purpose, expires_at) "
    "VALUES ({id}, {tenant}, {account}, 'verify_email', {at})",
    "answered_request": "INSERT INTO answered_request (key_digest, fingerprint, created_at) VALUES ({id}, 'f', {at})",
    "draft": "INSERT INTO draft (id, tenant_id, account_id, form, fields, updated_at) "
    "VALUES ({id}, {tenant}, {account}, {id}, '{{}}', {at})",
    "lockout": "INSERT INTO lockout (subject, failures, last_at) VALUES ({id}, 5, {at})",
    "rate_bucket": "INSERT INTO rate_bucket (key, tokens, filled_at) VALUES ({id}, 1, {at})",
}


@pytest.fixture
def superuser(migrated_postgres: Postgres) -> Iterator[Connection]:
    with psycopg.connect(libpq_url(migrated_postgres.superuser_url_of("casewright"))) as connection:
        yield connection


def _write(superuser: Connection, tenant_id: UUID, account_id: UUID, at: str) -> dict[str, UUID]:
    """A row of each table; their ids."""
    written = {}
    for table, statement in ROWS.items():
        written[table] = uuid7()
        told = {"id": f"'{written[table]}'", "tenant": f"'{tenant_id}'", "account": f"'{account_id}'", "at": at}
        superuser.execute(statement.format(**told))  # type: ignore[call-overload]
    return written


def _left(superuser: Connection, written: dict[str, UUID]) -> set[str]:
    keys = {"answered_request": "key_digest", "lockout": "subject", "rate_bucket": "key"}
    return {
        table
        for table, identity in written.items()
        if superuser.execute(f"SELECT FROM {table} WHERE {keys.get(table, 'id')} = '{identity}'").fetchone() is not None  # type: ignore[call-overload]
    }


async def test_each_goes_after_its_time_and_none_before(
    database: Database, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    desk = await new_desk(database)
    old = [_write(superuser, desk.tenant_id, desk.account_id, OLD) for _ in range(3)]
    recent = _write(superuser, desk.tenant_id, desk.account_id, RECENT)
    superuser.commit()
    removed = await forget_what_is_over(database, locked_for=HALF_AN_HOUR)
    assert {table for table, count in removed.items() if count >= 3} == ROWS.keys() - {"refresh_token"}
    assert [_left(superuser, each) for each in old] == [set(), set(), set()]
    assert _left(superuser, recent) == ROWS.keys()
    superuser.rollback()
    assert not await forget_what_is_over(database, locked_for=HALF_AN_HOUR)


async def test_the_application_removes_nothing_of_others_otherwise(database: Database) -> None:
    with pytest.raises(ProgrammingError) as refused:
        async with database.transaction() as session:
            await session.execute(sa.text("DELETE FROM login_attempt"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)
