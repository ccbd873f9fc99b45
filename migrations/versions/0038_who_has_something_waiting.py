"""who has something waiting"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# What the rounds of the workers and the figures look for in all tenants every few seconds, and nothing else.
SEEN = {
    "command": "status = 'pending'",
    "delivery": "status IN ('pending', 'sending')",
    "task": "status = 'pending'",
    "mail": "state = 'received'",
    "mail_account": "true",
    "failing_activity": "true",
}
TENANTS = {
    "tenants_with_commands(created_before timestamptz)": "SELECT DISTINCT tenant_id FROM public.command "
    "WHERE status = 'pending' AND created_at < created_before",
    "tenants_with_account_mail(created_before timestamptz)": "SELECT DISTINCT tenant_id FROM public.delivery "
    "WHERE status IN ('pending', 'sending') AND case_kind IS NULL AND created_at < created_before",
    "tenants_with_neglected_mail(heard_before timestamptz, kept_before timestamptz)": "SELECT tenant_id "
    "FROM public.mail_account WHERE source = 'imap' AND state <> 'paused' AND "
    "coalesce(greatest(last_looked_at, last_error_at), '-infinity') < greatest(heard_before, updated_at) "
    "UNION SELECT tenant_id FROM public.mail WHERE state = 'received' AND created_at <= kept_before",
    "tenants_with_mailboxes()": "SELECT DISTINCT tenant_id FROM public.mail_account",
    "tenants_with_failures()": "SELECT DISTINCT tenant_id FROM public.failing_activity",
}
"""Each returns their ids."""

STUCK = "stuck_cases(heard_after timestamptz, waited_before timestamptz)"
BACKLOG = "backlog(heard_after timestamptz, waited_before timestamptz)"


def upgrade() -> None:
    for table, which in SEEN.items():
        op.execute(f"CREATE POLICY of_all ON {table} FOR SELECT TO CURRENT_USER USING ({which})")
    for signature, query in TENANTS.items():
        _create(signature, "SETOF uuid", query)
    counted = (
        _counted("command", "created_at", "status = 'pending'"),
        _counted("delivery", "created_at", "status IN ('pending', 'sending')"),
        _counted("task", "due_at", "status = 'pending' AND due_at < now()"),
    )
    # By a step that goes on failing, or by a command that nobody carries out: by both it is there twice.
    _create(
        STUCK,
        "TABLE (workflow_id text, since timestamptz, code text)",
        "SELECT workflow_id, since, fault FROM public.failing_activity "
        "WHERE failed_at > heard_after AND (activity LIKE '%.take_step' OR activity LIKE '%.load') "
        "UNION ALL SELECT concat(case_kind, '/', case_id), created_at, fault FROM public.command "
        "WHERE status = 'pending' AND (created_at < waited_before OR fault IS NOT NULL)",
    )
    stuck = "SELECT count(DISTINCT workflow_id) FROM public.stuck_cases(heard_after, waited_before)"
    _create(
        BACKLOG,
        "TABLE (pending_commands bigint, oldest_command_seconds float, unsent_deliveries bigint, "
        "oldest_delivery_seconds float, overdue_tasks bigint, latest_task_seconds float, stuck_cases bigint)",
        f"SELECT command.*, delivery.*, task.*, ({stuck}) FROM {', '.join(counted)}",  # noqa: S608  our own names
    )


def _counted(table: str, since: str, which: str) -> str:
    """How many there are, and for how many seconds the oldest has waited or been late."""
    age = f"coalesce(greatest(extract(epoch FROM now() - min({since}))::float, 0), 0)"
    return f"(SELECT count(*), {age} FROM public.{table} WHERE {which}) AS {table}"  # noqa: S608  our own names


def _create(signature: str, returns: str, query: str) -> None:
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = '' AS $$ {query} $$"
    )
    name = signature.partition("(")[0]
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO casewright_app")


def downgrade() -> None:
    for signature in (BACKLOG, STUCK, *TENANTS):
        op.execute(f"DROP FUNCTION {signature.partition('(')[0]}")
    for table in SEEN:
        op.execute(f"DROP POLICY of_all ON {table}")
