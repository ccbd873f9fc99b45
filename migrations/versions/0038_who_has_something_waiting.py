"""who has something waiting"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# What the rounds of the workers look for every few seconds, and nothing else.
SEEN = {
    "command": "status = 'pending'",
    "delivery": "status IN ('pending', 'sending')",
    "mail_account": "source = 'imap'",
    "mail": "state = 'received'",
}
QUERIES = {
    "tenants_with_commands(created_before timestamptz)": "SELECT DISTINCT tenant_id FROM public.command "
    "WHERE status = 'pending' AND created_at < created_before",
    "tenants_with_account_mail(created_before timestamptz)": "SELECT DISTINCT tenant_id FROM public.delivery "
    "WHERE status IN ('pending', 'sending') AND case_kind IS NULL AND created_at < created_before",
    "tenants_with_neglected_mail(heard_before timestamptz, kept_before timestamptz)": "SELECT tenant_id "
    "FROM public.mail_account WHERE source = 'imap' AND state <> 'paused' AND "
    "coalesce(greatest(last_looked_at, last_error_at), '-infinity') < greatest(heard_before, updated_at) "
    "UNION SELECT tenant_id FROM public.mail WHERE state = 'received' AND created_at <= kept_before",
}


def upgrade() -> None:
    for table, which in SEEN.items():
        op.execute(f"CREATE POLICY sweeps ON {table} FOR SELECT TO CURRENT_USER USING ({which})")
    for signature, query in QUERIES.items():
        op.execute(
            f"CREATE FUNCTION {signature} RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER "
            f"SET search_path = '' AS $$ {query} $$"
        )
        name = signature.partition("(")[0]
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO casewright_app")


def downgrade() -> None:
    for signature in QUERIES:
        op.execute(f"DROP FUNCTION {signature.partition('(')[0]}")
    for table in SEEN:
        op.execute(f"DROP POLICY sweeps ON {table}")
