"""Row-level security, said once: each migration calls this for the tables it creates."""

from alembic import op

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
ACCOUNT = "nullif(current_setting('app.account_id', true), '')::uuid"
LOGIN_EMAIL = "nullif(current_setting('app.login_email', true), '')"


def force(table: str) -> None:
    """No policy, no row: enables row-level security for everybody, the owner too."""
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def isolate_by_tenant(table: str, *, append_only: bool = False) -> None:
    """Rows are read and written by the tenant of the transaction only; `append_only` ones are never changed."""
    force(table)
    op.execute(f'CREATE POLICY tenant ON "{table}" USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})')
    grant(table, "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE")


def grant(table: str, privileges: str) -> None:
    """What the app's role may do with the table at all."""
    op.execute(f'GRANT {privileges} ON "{table}" TO casewright_app')
