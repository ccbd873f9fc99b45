"""Makes many tickets at once, to see how fast lists are: rows without workflows, as an import would leave them.

A ticket has version 1 and one step behind it, `imported`: an event whose changes are all that the row holds beyond its
content, and the command that the system leaves for each of its steps. Nothing was promised for it, so it has no clocks.
A command on one of them starts its workflow from the row.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database, look_as
from models.tenants import Tenant
from ops.postgres_programs import libpq_url
from ops.trouble import Trouble
from runtime.settings import settings
from stores.tenants import tenant_named

SPREAD = timedelta(days=730)
TICKETS_PER_TRANSACTION = 25_000
TICKETS_PER_CUSTOMER = 100
MOST_CUSTOMERS = 500

_SETTINGS = sa.text("SELECT set_config('timezone', 'UTC', true), set_config('work_mem', '64MB', true)")

_CUSTOMERS = sa.text("""
INSERT INTO customer (id, tenant_id, kind, name, status)
SELECT uuidv7(), :tenant_id, 'individual', 'Customer ' || n, 'active'
FROM generate_series((SELECT count(*) FROM customer WHERE tenant_id = :tenant_id) + 1, :wanted) AS n
""")

# What the timeline does not show of a row: what people wrote, and what every row has.
_CONTENT = ["id", "tenant_id", "subject", "category_id", "created_at", "updated_at", "version", "reminders_sent"]

# Numbers come from the counters that give out the real ones, so that none can be given twice. Tickets of one call lie
# in order of time, evenly: the indexes grow at their end.
_TICKETS = sa.text("""
WITH customers AS MATERIALIZED (
    SELECT array_agg(id) AS ids, count(*) AS many FROM customer
    WHERE tenant_id = :tenant_id AND id = coalesce(CAST(:customer_id AS uuid), id)
), agents AS MATERIALIZED (
    SELECT array_agg(membership.account_id) AS ids, count(*) AS many
    FROM membership JOIN membership_role ON membership_role.membership_id = membership.id
    JOIN role ON role.id = membership_role.role_id
    WHERE membership.tenant_id = :tenant_id AND role.key = 'agent'
), drawn AS MATERIALIZED (
    SELECT n, random() AS fate, random() AS work, random() AS urgency, random() AS whose, random() AS hands,
           date_trunc('second', CAST(:first AS timestamptz) + (n - random()) * CAST(:step AS interval)) AS created_at
    FROM generate_series(CAST(:from_n AS int), CAST(:to_n AS int)) AS n
), lived AS (
    SELECT drawn.*, created_at + round(work * 345600) * interval '1 second' AS resolved_at,
           created_at + round(work * 345600 + 604800) * interval '1 second' AS closed_at,
           'TCK-' || to_char(created_at AT TIME ZONE :timezone, 'YYYYMMDD') AS series
    FROM drawn
), stated AS MATERIALIZED (
    SELECT lived.*, row_number() OVER (PARTITION BY series ORDER BY n) AS nth, CASE
        WHEN fate < 0.92 AND closed_at < now() THEN 'closed'
        WHEN fate < 0.92 AND resolved_at < now() THEN 'resolved'
        WHEN work < 0.35 THEN 'open'
        WHEN work < 0.55 THEN 'answered'
        WHEN work < 0.75 THEN 'waiting_for_response'
        WHEN work < 0.90 THEN 'in_progress'
        ELSE 'on_hold' END AS status
    FROM lived
), counted AS (
    INSERT INTO number_counter (tenant_id, series, last)
    SELECT :tenant_id, series, count(*) FROM stated GROUP BY series ORDER BY series
    ON CONFLICT (tenant_id, series) DO UPDATE SET last = number_counter.last + excluded.last
    RETURNING new.series, coalesce(old.last, 0) AS given
), rows AS (
    INSERT INTO ticket (
        id, tenant_id, version, number, subject, status, priority, customer_id, requester_id, assignee_id,
        status_since, first_responded_at, resolved_at, closed_at, created_at, updated_at
    )
    SELECT uuidv7(created_at - now()), :tenant_id, 1,
           series || '-' || lpad(CAST(given + nth AS text), greatest(5, length(CAST(given + nth AS text))), '0'),
           'Imported ticket ' || n, status,
           CASE WHEN urgency < 0.2 THEN 'low' WHEN urgency < 0.75 THEN 'medium' WHEN urgency < 0.95 THEN 'high'
                ELSE 'urgent' END,
           (SELECT ids[1 + floor(whose * many)] FROM customers),
           (SELECT ids[1 + floor(whose * many)] FROM agents),
           (SELECT ids[1 + floor(hands / 0.8 * many)] FROM agents WHERE hands < 0.8),
           CASE status WHEN 'closed' THEN closed_at WHEN 'resolved' THEN resolved_at ELSE created_at END,
           CASE WHEN status <> 'open' THEN created_at END,
           CASE WHEN status IN ('closed', 'resolved') THEN resolved_at END,
           CASE WHEN status = 'closed' THEN closed_at END,
           created_at,
           CASE status WHEN 'closed' THEN closed_at WHEN 'resolved' THEN resolved_at ELSE created_at END
    FROM stated JOIN counted USING (series) ORDER BY n
    RETURNING *
), steps AS (
    INSERT INTO event (
        id, tenant_id, case_kind, case_id, version, kind, actor_kind, at, changes, correlation_id, command_id,
        customer_id
    )
    SELECT uuidv7(updated_at - now()), tenant_id, 'ticket', id, 1, 'imported', 'system', updated_at,
           jsonb_strip_nulls(to_jsonb(rows) - CAST(:content AS text[])), 'import', uuidv7(), customer_id
    FROM rows
    RETURNING tenant_id, command_id, case_id, at
)
INSERT INTO command (
    tenant_id, id, case_kind, case_id, kind, arguments, correlation_id, fingerprint,
    status, result, created_at, settled_at
)
SELECT tenant_id, command_id, 'ticket', case_id, 'ticket.imported', '{}', 'import', '',
       'done', '{"version": 1}', at, at
FROM steps
""")


async def seed_tickets(
    database: Database, tickets: int, *, tenant: str = "acme", customer_id: UUID | None = None
) -> None:
    """Makes `tickets` tickets in the tenant of that slug, all of one customer's when it is given, else with customers
    for them.

    They lie evenly in the two years that ended a day ago, so that no number of today is touched. Raises Trouble when
    there is no such tenant.
    """
    async with database.transaction() as session:
        tenant_id = await tenant_named(session, tenant)
        if tenant_id is None:
            raise Trouble(f"There is no tenant {tenant}: the tickets need one, with customers and agents.")
        await look_as(session, tenant_id=tenant_id)
        found = await session.get_one(Tenant, tenant_id)
    first = datetime.now(UTC) - timedelta(days=1) - SPREAD
    for before in range(0, tickets, TICKETS_PER_TRANSACTION):
        async with database.transaction(found.id) as session:
            if customer_id is None:
                await _enough_customers(session, found.id, tickets)
            await session.execute(_SETTINGS)
            await session.execute(
                _TICKETS,
                {
                    "tenant_id": found.id,
                    "customer_id": customer_id,
                    "timezone": found.timezone,
                    "content": _CONTENT,
                    "first": first,
                    "step": SPREAD / tickets,
                    "from_n": before + 1,
                    "to_n": min(before + TICKETS_PER_TRANSACTION, tickets),
                },
            )
    _analyze()


async def _enough_customers(session: AsyncSession, tenant_id: UUID, tickets: int) -> None:
    wanted = min(tickets // TICKETS_PER_CUSTOMER, MOST_CUSTOMERS)
    await session.execute(_CUSTOMERS, {"tenant_id": tenant_id, "wanted": wanted})


def _analyze() -> None:
    """Lets the planner know of the new rows at once, where the owner's address is at hand: only an owner may."""
    owner = settings().migration_database_url
    if owner is None:
        return
    url = libpq_url(owner.get_secret_value())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE ticket, event, customer, product")
