"""what is over is removed"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Of each table the rows that nobody needs any more: what is left of them is in the audit, where it matters.
OVER = {
    "login_attempt": "created_at < now() - interval '90 days'",
    # With its refresh tokens, the spent ones too.
    "login_session": "coalesce(ended_at, expires_at) < now() - interval '30 days'",
    "mailed_token": "coalesce(used_at, expires_at) < now() - interval '30 days'",
    "answered_request": "created_at < now() - interval '1 day'",
    "draft": "updated_at < now() - interval '30 days'",
}
# Without anybody's data, so without row-level security. A bucket is full again after its period, an hour at most.
OF_NOBODY = {
    "lockout": "last_at < now() - locked_for - interval '1 day'",
    "rate_bucket": "filled_at < now() - interval '1 day'",
}
KEYS = {"answered_request": "key_digest", "lockout": "subject", "rate_bucket": "key"}
FUNCTION = "remove_what_is_over(integer, interval)"


def upgrade() -> None:
    # Row security is forced on the owner too, in whose name the function removes.
    for table, over in OVER.items():
        for deed in ("SELECT", "DELETE"):
            op.execute(f"CREATE POLICY over_{deed.lower()} ON {table} FOR {deed} TO CURRENT_USER USING ({over})")
    removed = []
    for table, over in (OVER | OF_NOBODY).items():
        key = KEYS.get(table, "id")
        some = f"SELECT {key} FROM public.{table} WHERE {over} ORDER BY {key} LIMIT most"  # noqa: S608
        removed.append(f"{table} AS (DELETE FROM public.{table} WHERE {key} IN ({some}) RETURNING 1)")  # noqa: S608
    counted = (f"SELECT '{table}', count(*) FROM {table}" for table in OVER | OF_NOBODY)  # noqa: S608
    op.execute(
        "CREATE FUNCTION remove_what_is_over(most integer, locked_for interval) "
        "RETURNS TABLE (what text, removed bigint) LANGUAGE sql SECURITY DEFINER SET search_path = '' "
        f"AS $$ WITH {', '.join(removed)} {' UNION ALL '.join(counted)} $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {FUNCTION} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {FUNCTION} TO casewright_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {FUNCTION}")
    for table in OVER:
        for deed in ("select", "delete"):
            op.execute(f"DROP POLICY over_{deed} ON {table}")
