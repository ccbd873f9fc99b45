"""Row-level security and permissions, said once: each migration calls this for the tables it creates."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
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


def grant_permissions(by_role: Mapping[str, Sequence[str]], *, take_back: bool = False) -> None:
    """Gives the roles that every tenant starts with what has come since, or takes it back."""
    give = (
        "INSERT INTO role_permission (id, tenant_id, role_id, permission) "
        "SELECT uuidv7(), tenant_id, id, :permission FROM role WHERE key = :role ON CONFLICT DO NOTHING"
    )
    take = (
        "DELETE FROM role_permission USING role WHERE role.id = role_permission.role_id "
        "AND role.key = :role AND role_permission.permission = :permission"
    )
    # The owner sees no tenant's rows while row security is forced.
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for role, permissions in by_role.items():
        for permission in permissions:
            op.execute(sa.text(take if take_back else give).bindparams(role=role, permission=permission))
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
