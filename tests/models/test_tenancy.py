"""What the database itself refuses the app's role: references into other tenants, and what only the platform writes."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.identity.tenants import make_first_superadmin, make_tenant
from models.database import Database, look_as
from models.sla import SlaPolicy
from models.tenants import Tenant
from ops.demo.people import DemoTenant, seed_tenant
from ops.embedded.postgres import Postgres
from stores.accounts import add_member, find_or_make_account
from stores.tenants import tenant_ids, tenant_named

# Every foreign key between two tables that have a tenant, with the pairs of columns that it compares.
FOREIGN_KEYS = """
SELECT key.conrelid::regclass::text, key.conname,
    array_agg(here.attname::text || '=' || there.attname::text ORDER BY place.nth)
FROM pg_constraint AS key
CROSS JOIN LATERAL unnest(key.conkey, key.confkey) WITH ORDINALITY AS place (from_column, to_column, nth)
JOIN pg_attribute AS here ON here.attrelid = key.conrelid AND here.attnum = place.from_column
JOIN pg_attribute AS there ON there.attrelid = key.confrelid AND there.attnum = place.to_column
WHERE key.contype = 'f' AND key.connamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT FROM unnest(ARRAY[key.conrelid, key.confrelid]) AS side (id) WHERE NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = side.id AND attname = 'tenant_id'))
GROUP BY key.oid, 1, 2
"""
LARGE_OBJECTS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$|loread$)'
AND has_function_privilege('casewright_app', oid, 'EXECUTE')
"""
WRITTEN_BY_THE_PLATFORM = {
    "account": {"id", "created_at", "email", "platform_role"},
    "membership": {"id", "created_at", "tenant_id", "account_id"},
    "tenant": {
        *("id", "created_at", "slug", "name", "locale", "timezone", "currency", "suspended_at", "suspended_reason"),
    },
}
"""What the app's role may not change."""


@pytest.fixture
def superuser(migrated_postgres: Postgres) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    url = migrated_postgres.superuser_url.replace("+psycopg", "").replace("/postgres?", "/casewright?")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def pair(database: Database) -> tuple[UUID, UUID]:
    """Two tenants with people."""
    slugs = [f"tenancy-{uuid7().hex}" for _ in range(2)]
    for slug in slugs:
        await seed_tenant(database, DemoTenant(slug, slug, "en", "Europe/Paris", "EUR", "FR", (0,)), "hash")
    async with database.transaction() as session:
        ids = [await tenant_named(session, slug) for slug in slugs]
    assert ids[0]
    assert ids[1]
    return ids[0], ids[1]


def test_every_foreign_key_between_tenants_rows_carries_the_tenant(
    superuser: psycopg.Connection[tuple[Any, ...]],
) -> None:
    found = superuser.execute(FOREIGN_KEYS).fetchall()
    assert len(found) >= 40
    assert [(table, name) for table, name, pairs in found if "tenant_id=tenant_id" not in pairs] == []


async def test_a_row_points_to_nothing_of_another_tenant(database: Database, pair: tuple[UUID, UUID]) -> None:
    ours, theirs = pair
    async with database.transaction(theirs) as session:
        policy_id = (await session.scalars(sa.select(col(SlaPolicy.id)))).one()
    for table in ("customer", "ticket_category"):
        with pytest.raises(sa.exc.IntegrityError) as refused:
            async with database.transaction(ours) as session:
                await session.execute(sa.text(f"UPDATE {table} SET sla_policy_id = :id"), {"id": policy_id})
        assert isinstance(refused.value.orig, ForeignKeyViolation)


async def test_a_tenant_is_seen_by_itself_its_members_and_the_superadmin(
    database: Database, pair: tuple[UUID, UUID]
) -> None:
    ours, theirs = pair
    async with database.transaction() as session:
        assert await _seen(session) == set()
        assert set(pair) <= set(await tenant_ids(session))
        assert await tenant_named(session, "nobody's") is None
    for tenant_id in pair:
        async with database.transaction(tenant_id) as session:
            assert await _seen(session) == {tenant_id}
    async with database.transaction(ours) as session:
        member = (await find_or_make_account(session, f"{uuid7()}@members.example", "Ada")).id
        await add_member(session, ours, member, [])
        await look_as(session, tenant_id=theirs)
        await add_member(session, theirs, member, [])
    async with database.transaction(account_id=member) as session:
        assert await _seen(session) == set(pair)
    async with database.transaction(account_id=uuid7()) as session:
        assert await _seen(session) == set()


async def test_the_platform_is_given_away_once(database: Database) -> None:
    async with database.transaction() as session, session.begin_nested() as trial:
        accounts = [await find_or_make_account(session, f"{uuid7()}@keepers.example", "Ada") for _ in range(3)]
        # Another test may have given it away for good.
        outcomes = [await _keeps(session, account.id) for account in accounts]
        assert outcomes in ([True, False, False], [False, False, False])
        await trial.rollback()


async def _keeps(session: AsyncSession, account_id: UUID) -> bool:
    """Whether the account is given the platform; then it sees every tenant, else none."""
    await look_as(session, account_id=account_id)
    made = await make_first_superadmin(session, account_id)
    assert await _seen(session) == (set(await tenant_ids(session)) if made else set())
    return made


async def test_what_only_the_platform_writes_is_refused(
    database: Database, pair: tuple[UUID, UUID], superuser: psycopg.Connection[tuple[Any, ...]]
) -> None:
    for table, columns in WRITTEN_BY_THE_PLATFORM.items():
        kept = superuser.execute(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND NOT has_column_privilege('casewright_app', attrelid, attnum, 'UPDATE')",
            [table],
        )
        assert {name for (name,) in kept} == columns, table
    for statement, error in (
        ("UPDATE account SET platform_role = 'superadmin'", InsufficientPrivilege),
        ("UPDATE tenant SET slug = 'mine'", InsufficientPrivilege),
        ("DELETE FROM tenant", InsufficientPrivilege),
        ("UPDATE membership SET account_id = id", InsufficientPrivilege),
        (
            "INSERT INTO account (id, email, full_name, platform_role) "
            "VALUES (uuidv7(), uuidv7() || '@test.example', 'Eve', 'superadmin')",
            InsufficientPrivilege,
        ),
        ("UPDATE role_permission SET permission = 'tenants:write'", CheckViolation),
    ):
        with pytest.raises(sa.exc.DBAPIError) as refused:
            async with database.transaction(pair[0]) as session:
                await session.execute(sa.text(statement))
        assert isinstance(refused.value.orig, error), statement


async def test_a_tenant_is_made_as_itself_only(database: Database, pair: tuple[UUID, UUID]) -> None:
    other = Tenant(id=uuid7(), slug=uuid7().hex, name="A", locale="en", timezone="UTC", currency="EUR")
    with pytest.raises(ProgrammingError):
        async with database.transaction(pair[0]) as session:
            session.add(other)
    async with database.transaction() as session:
        await make_tenant(session, Tenant(**other.model_dump(exclude={"created_at"})))


async def test_large_objects_are_nobodys(database: Database, superuser: psycopg.Connection[tuple[Any, ...]]) -> None:
    assert superuser.execute(LARGE_OBJECTS).fetchall() == []
    for statement in ("SELECT lo_from_bytea(0, 'x')", "SELECT lo_create(0)", "SELECT data FROM pg_largeobject"):
        with pytest.raises(ProgrammingError) as refused:
            async with database.transaction() as session:
                await session.execute(sa.text(statement))
        assert isinstance(refused.value.orig, InsufficientPrivilege), statement


async def _seen(session: AsyncSession) -> set[UUID]:
    return set(await session.scalars(sa.select(col(Tenant.id))))
