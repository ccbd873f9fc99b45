"""Row-level security, asked of Postgres itself as the app's role: what the API forgets, the database refuses."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from tests.e2e.desk import open_ticket
from tests.stack.running_stack import RunningStack

ROLE = "casewright_app"
PLATFORM_WIDE = {"alembic_version", "lockout", "rate_bucket"}
"""Tables without anybody's data: they are read before the caller is known."""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture
async def app(stack: RunningStack) -> AsyncIterator[Connection]:
    """A connection as the application has it; each statement is a transaction of its own."""
    async with await psycopg.AsyncConnection.connect(stack.app_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def superuser(stack: RunningStack) -> AsyncIterator[Connection]:
    """Sees everything, to know what there is to hide."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def tenants(
    superuser: Connection, customer: httpx2.AsyncClient, foreign_customer: httpx2.AsyncClient
) -> tuple[UUID, UUID]:
    """The ids of globex and acme, each with a ticket."""
    await open_ticket(customer)
    await open_ticket(foreign_customer)
    ids = {}
    async for slug, identity in await superuser.execute("SELECT slug, id FROM tenant"):
        ids[slug] = identity
    return ids["globex"], ids["acme"]


async def _tables(superuser: Connection) -> list[str]:
    """The tables that belong to tenants."""
    found = await superuser.execute(
        "SELECT table_name::text FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1"
    )
    return [str(name) for (name,) in await found.fetchall()]


async def _count(connection: Connection, table: str, tenant: UUID | None = None) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    if tenant:
        query += sql.SQL(" WHERE tenant_id = {}").format(sql.Literal(str(tenant)))
    [count] = await (await connection.execute(query)).fetchone() or (0,)
    return int(count)


async def _speak_for(app: Connection, tenant: UUID) -> None:
    await app.execute("SELECT set_config('app.tenant_id', %s, false)", [str(tenant)])


async def test_the_role_owns_nothing_and_bypasses_nothing(superuser: Connection) -> None:
    role = await superuser.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [ROLE])
    assert await role.fetchone() == (False, False)
    owned = await superuser.execute("SELECT relname FROM pg_class WHERE relowner = %s::regrole", [ROLE])
    assert await owned.fetchall() == []
    groups = await superuser.execute("SELECT roleid::regrole FROM pg_auth_members WHERE member = %s::regrole", [ROLE])
    assert await groups.fetchall() == []


async def test_every_table_forces_row_security_on_its_owner_too(superuser: Connection) -> None:
    unforced = await superuser.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert {name for (name,) in await unforced.fetchall()} == PLATFORM_WIDE


async def test_without_a_tenant_every_table_reads_empty(
    app: Connection, superuser: Connection, tenants: tuple[UUID, UUID]
) -> None:
    found = await superuser.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
    tables = {str(name) for (name,) in await found.fetchall()} - PLATFORM_WIDE
    assert {"ticket", "event", "command", "ticket_message", "delivery", "account"} <= tables
    for table in tables:
        assert await _count(app, table) == 0, table
    assert await _count(superuser, "ticket") > 0


async def test_a_tenant_reads_its_own_rows_and_no_others(
    app: Connection, superuser: Connection, tenants: tuple[UUID, UUID]
) -> None:
    for ours, theirs in (tenants, tenants[::-1]):
        await _speak_for(app, ours)
        for table in await _tables(superuser):
            assert await _count(app, table, theirs) == 0, table
            assert await _count(app, table) == await _count(superuser, table, ours), table
        assert await _count(superuser, "ticket", theirs) > 0


async def test_a_tenant_sees_the_accounts_of_its_own_people_only(
    app: Connection, superuser: Connection, tenants: tuple[UUID, UUID]
) -> None:
    await _speak_for(app, tenants[0])
    seen = await (await app.execute("SELECT id FROM account")).fetchall()
    members = await superuser.execute("SELECT account_id FROM membership WHERE tenant_id = %s", [tenants[0]])
    assert set(seen) == set(await members.fetchall())
    assert len(seen) < await _count(superuser, "account")


async def test_a_tenant_sees_no_other_by_name(app: Connection, tenants: tuple[UUID, UUID]) -> None:
    for ours in tenants:
        await _speak_for(app, ours)
        assert await (await app.execute("SELECT id FROM tenant")).fetchall() == [(ours,)]


async def test_a_tenant_changes_and_removes_nothing_of_another(
    app: Connection, superuser: Connection, tenants: tuple[UUID, UUID]
) -> None:
    ours, theirs = tenants
    await _speak_for(app, ours)
    for table in await _tables(superuser):
        there = await _count(superuser, table, theirs)
        for statement in (
            "UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = %s",
            "DELETE FROM {} WHERE tenant_id = %s",
        ):
            try:
                done = await app.execute(sql.SQL(statement).format(sql.Identifier(table)), [theirs])
            except InsufficientPrivilege:
                continue  # Nobody may change the timeline.
            assert done.rowcount == 0, table
        assert await _count(superuser, table, theirs) == there, table


async def test_a_tenant_adds_nothing_to_another(
    app: Connection, superuser: Connection, tenants: tuple[UUID, UUID]
) -> None:
    ours, theirs = tenants
    await _speak_for(app, ours)
    for table in await _tables(superuser):
        name = sql.Identifier(table)
        with pytest.raises(InsufficientPrivilege):
            await app.execute(sql.SQL("INSERT INTO {} (tenant_id) VALUES (%s)").format(name), [theirs])
        if await _count(app, table):
            with pytest.raises(InsufficientPrivilege):
                await app.execute(sql.SQL("UPDATE {} SET tenant_id = %s").format(name), [theirs])


async def test_the_timeline_is_only_ever_added_to(app: Connection, tenants: tuple[UUID, UUID]) -> None:
    await _speak_for(app, tenants[0])
    for statement in ("UPDATE event SET version = version", "DELETE FROM event"):
        with pytest.raises(InsufficientPrivilege):
            await app.execute(statement)
