"""what waits, and what is found"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import TENANT, grant, grant_permissions

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PERMISSIONS = {"admin": ["operations:read"], "manager": ["operations:read"]}

OPEN = {
    "ticket": "status <> 'closed'",
    "kyc_case": "true",
    "quote": "status IN ('draft', 'pending_approval', 'approved', 'rejected', 'sent') AND deleted_at IS NULL",
    "quote_request": "status = 'open'",
    "sales_order": "status <> 'delivered' AND unwound_at IS NULL",
    "callback": "status IN ('open', 'planned')",
    "invoice": "status NOT IN ('paid', 'cancelled') OR refund_due > 0 AND refunded_at IS NULL",
    "booking": "status IN ('held', 'pending', 'confirmed', 'in_progress') "
    "OR status = 'completed' AND followed_up_at IS NULL",
    "booking_series": "status = 'active' OR opened < occurrences "
    "OR cancel_from IS NOT NULL AND cancelled < occurrences",
}
TASKS = {"ix_task_waiting": ["opened_at", "case_id"], "ix_task_asking": ["case_kind", "case_id"]}

# As of products: row-level security lets no index on words be used, so the search goes through views of the owner.
FOUND = {
    "ticket": ("subject", ("id", "customer_id", "number", "subject", "created_at"), "version > 0"),
    "customer": ("name", ("id", "name", "created_at"), "true"),
}


def upgrade() -> None:
    for table, condition in OPEN.items():
        op.create_index(
            f"ix_{table}_waiting",
            table,
            ["tenant_id", "status_since", "id"],
            postgresql_where=sa.text(f"version > 0 AND ({condition})"),
        )
    for name, columns in TASKS.items():
        op.create_index(name, "task", ["tenant_id", *columns], postgresql_where=sa.text("status = 'pending'"))
    for table, (column, columns, condition) in FOUND.items():
        op.create_index(
            f"ix_{table}_found",
            table,
            ["tenant_id", column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )
        op.execute(
            f"CREATE VIEW {table}_found AS "  # noqa: S608  nothing of a request is in the text
            f"SELECT {', '.join(columns)} FROM {table} WHERE tenant_id = {TENANT} AND {condition}"
        )
        op.execute(f"CREATE POLICY owner_finds ON {table} FOR SELECT TO CURRENT_USER USING (true)")
        grant(f"{table}_found", "SELECT")
    grant_permissions(PERMISSIONS)


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    for table in FOUND:
        op.execute(f"DROP VIEW {table}_found")
        op.execute(f"DROP POLICY owner_finds ON {table}")
        op.drop_index(f"ix_{table}_found", table)
    for name in TASKS:
        op.drop_index(name, "task")
    for table in OPEN:
        op.drop_index(f"ix_{table}_waiting", table)
