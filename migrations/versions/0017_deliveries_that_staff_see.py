"""deliveries that staff see"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import grant_permissions

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PERMISSIONS = dict.fromkeys(("agent", "reviewer", "manager", "admin"), ("deliveries:read", "deliveries:retry"))


def upgrade() -> None:
    op.create_index("ix_delivery_newest", "delivery", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_delivery_failed",
        "delivery",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'failed'"),
    )
    grant_permissions(PERMISSIONS)


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    op.drop_index("ix_delivery_failed", table_name="delivery")
    op.drop_index("ix_delivery_newest", table_name="delivery")
