"""Whether Postgres is there, is what the code expects, and holds the application's role to its tenant."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from models.database import Database
from ops.demo.people import DEMO_TENANTS, PEOPLE
from ops.migrate import expected_revisions
from ops.trouble import Trouble
from runtime.settings import Settings
from stores.backlog import backlog
from stores.failing import failing
from stores.stuck import WAITED_LONG, longest_stuck

_PATIENCE_SECONDS = 5

_ROLE = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
_OWNED = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
    "AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname"
)
_UNGUARDED = (
    "SELECT relname FROM pg_class AS found WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
    "AND (relname IN ('account', 'tenant') OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = found.oid "
    "AND attname = 'tenant_id' AND NOT attisdropped)) "
    "AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = found.oid)) "
    "ORDER BY relname"
)
_TENANT_TABLES = (
    "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attname = 'tenant_id'"
)
# Asked for each tenant: the application's role sees one at a time.
_TENANTS = "SELECT tenants_with_commands(now())"
_PENDING = (
    "SELECT kind, fault, count(*), extract(epoch FROM now() - min(created_at)) FROM command "
    "WHERE status = 'pending' GROUP BY kind, fault"
)
_MAKES_KEEPERS = "SELECT has_column_privilege(current_user, 'account', 'platform_role', 'INSERT, UPDATE')"
_AUDIT_CAN_CHANGE = "SELECT has_table_privilege(current_user, 'audit', 'UPDATE, DELETE, TRUNCATE')"


async def postgres(settings: Settings) -> str:
    """A connection is taken."""
    with _connection(settings) as connection:
        return f"PostgreSQL {connection.info.server_version // 10_000}"


async def schema(settings: Settings) -> str:
    """Every migration of this code has run, and none that it does not know."""
    with _connection(settings) as connection:
        try:
            found = {str(row[0]) for row in connection.execute("SELECT version_num FROM alembic_version")}
        except psycopg.errors.UndefinedTable:
            found = set()
    expected = expected_revisions()
    if found != expected:
        raise Trouble(f"at {_listed(found) or 'nothing'}, expected {_listed(expected)}: run `casewright migrate`")
    return f"at {_listed(found)}"


async def role(settings: Settings) -> str:
    """The application's role is nobody special."""
    with _connection(settings) as connection:
        name, superuser, bypasses = connection.execute(_ROLE).fetchone() or ("?", True, True)
        owned = [str(row[0]) for row in connection.execute(_OWNED)]
        changes_audit = (connection.execute(_AUDIT_CAN_CHANGE).fetchone() or (True,))[0]
        makes_keepers = (connection.execute(_MAKES_KEEPERS).fetchone() or (True,))[0]
    faults = []
    if superuser:
        faults.append("is a superuser")
    if bypasses:
        faults.append("bypasses row-level security")
    if owned:
        faults.append(f"owns {_listed(set(owned))}")
    if changes_audit:
        faults.append("can change the audit")
    if makes_keepers:
        faults.append("can make anybody superadmin")
    if faults:
        raise Trouble(f"{name} {', '.join(faults)}: connect as the role that the migrations grant to")
    return f"{name} owns nothing, bypasses nothing"


async def row_security(settings: Settings) -> str:
    """Every table with a tenant's rows shows them to that tenant only, whoever owns it."""
    with _connection(settings) as connection:
        unguarded = [str(row[0]) for row in connection.execute(_UNGUARDED)]
        tables = (connection.execute(_TENANT_TABLES).fetchone() or (0,))[0]
    if unguarded:
        raise Trouble(f"not forced, or without a policy, on {_listed(set(unguarded))}")
    if not tables:
        raise Trouble("there are no tables yet: run `casewright migrate`")
    return f"forced on {tables} tables"


async def commands(settings: Settings) -> str:
    """No command waits for better code, and none has waited for long."""
    found: list[tuple[str, str | None, int, float]] = []
    with _connection(settings) as connection:
        for (tenant_id,) in connection.execute(_TENANTS).fetchall():
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
            found += connection.execute(_PENDING).fetchall()
    if not found:
        return "none is pending"
    count, oldest = sum(row[2] for row in found), timedelta(seconds=round(max(row[3] for row in found)))
    pending = f"{count} pending, the oldest for {oldest}"
    faults: Counter[str] = Counter()
    for kind, fault, times, _ in found:
        if fault:
            faults[f"{kind}: {fault}"] += times
    if faults:
        listed = "; ".join(f"{times} of {what}" for what, times in sorted(faults.items()))
        raise Trouble(f"{pending}; no worker could carry out {listed}")
    if oldest > WAITED_LONG:
        raise Trouble(f"{pending}: look for workflows whose tasks fail, in the Temporal UI")
    return pending


async def messages(settings: Settings) -> str:
    """No message has waited for long to be sent."""
    async with reading(settings) as database:
        found = await backlog(database)
    if not found.unsent_deliveries:
        return "all are sent"
    oldest = timedelta(seconds=round(found.oldest_delivery_seconds))
    unsent = f"{found.unsent_deliveries} unsent, the oldest for {oldest}"
    if oldest > WAITED_LONG:
        raise Trouble(f"{unsent}: does the mail server take them?")
    return unsent


async def activities(settings: Settings) -> str:
    """No activity of a case fails again and again."""
    async with reading(settings) as database:
        found = await failing(database)
    if not found:
        return "none keeps failing"
    oldest, kinds = found[0], Counter(f"{each.activity}: {each.fault}" for each in found)
    listed = "; ".join(f"{times} of {what}" for what, times in sorted(kinds.items()))
    lasts = timedelta(seconds=round((datetime.now(UTC) - oldest.since).total_seconds()))
    raise Trouble(
        f"{len(found)} failing: {listed}; {oldest.activity} of {oldest.workflow_id} first, "
        f"{oldest.attempts} attempts since {lasts} ago: look at the case in the Temporal UI"
    )


async def tasks(settings: Settings) -> str:
    """How many tasks people have left undecided beyond their time: that is theirs to mend."""
    async with reading(settings) as database:
        found = await backlog(database)
    if not found.overdue_tasks:
        return "none is overdue"
    return f"{found.overdue_tasks} overdue, the latest for {timedelta(seconds=round(found.latest_task_seconds))}"


async def stuck(settings: Settings) -> str:
    """No case is held up by a step that fails or a command that is not carried out."""
    async with reading(settings) as database:
        found = await backlog(database)
        first = await longest_stuck(database)
    if first is None:
        return "none is stuck"
    lasts = timedelta(seconds=round((datetime.now(UTC) - first.since).total_seconds()))
    why = first.code or "nobody answers its command"
    raise Trouble(
        f"{found.stuck_cases} stuck, {first.workflow_id} first, for {lasts}: {why}; "
        "in the Temporal UI its user metadata says more, and CaseStatus = 'stuck' finds those whose step fails"
    )


async def demo_accounts(settings: Settings) -> str:
    """In production nobody can log in with the documented password."""
    if settings.env != "production":
        return "allowed in development"
    from api.identity.hashes import verify_password

    documented = type(settings).model_fields["demo_password"].default.get_secret_value()
    open_doors = []
    with _connection(settings) as connection:
        for email in (f"{person}@{tenant.slug}.example" for tenant in DEMO_TENANTS for person in PEOPLE):
            connection.execute("SELECT set_config('app.login_email', %s, true)", [email])
            found = connection.execute("SELECT password_hash FROM account WHERE email = %s", [email]).fetchone()
            if found and (await verify_password(documented, found[0]))[0]:
                open_doors.append(email)
    if open_doors:
        raise Trouble(f"{len(open_doors)} still have the documented password, {open_doors[0]} first")
    return "none has the documented password"


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Database]:
    """The database as the application uses it. Raises Trouble when it is not known or cannot be read."""
    database = Database(_url(settings), pool_size=1)
    try:
        yield database
    except SQLAlchemyError as error:
        raise Trouble(f"the database cannot be read: {type(error).__name__}") from error
    finally:
        await database.close()


def _url(settings: Settings) -> str:
    if settings.database_url is None:
        raise Trouble("DATABASE_URL is not set, and no stack runs in this CASEWRIGHT_HOME")
    return settings.database_url.get_secret_value()


@contextmanager
def _connection(settings: Settings) -> Iterator[psycopg.Connection]:
    url = make_url(_url(settings))
    place: dict[str, Any] = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    try:
        with psycopg.connect(**place, connect_timeout=_PATIENCE_SECONDS) as connection:
            yield connection
    except psycopg.Error as error:
        raise Trouble(" ".join(str(error).split()) or type(error).__name__) from error


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
