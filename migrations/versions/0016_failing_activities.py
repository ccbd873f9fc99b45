"""failing activities"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import isolate_by_tenant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "failing_activity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=200), nullable=False),
        sa.Column("activity_id", sa.String(length=60), nullable=False),
        sa.Column("activity", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_failing_activity_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "workflow_id", "activity_id", name=op.f("pk_failing_activity")),
    )
    isolate_by_tenant("failing_activity")


def downgrade() -> None:
    op.drop_table("failing_activity")
