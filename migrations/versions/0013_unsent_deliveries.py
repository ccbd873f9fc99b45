"""unsent deliveries"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNSENT = "status IN ('pending', 'sending')"


def upgrade() -> None:
    op.drop_index("ix_delivery_unsent_account_mail", table_name="delivery")
    op.create_index(
        "ix_delivery_unsent", "delivery", ["tenant_id", "created_at"], unique=False, postgresql_where=sa.text(UNSENT)
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_unsent", table_name="delivery")
    op.create_index(
        "ix_delivery_unsent_account_mail",
        "delivery",
        ["tenant_id", "created_at"],
        unique=False,
        postgresql_where=sa.text(f"case_kind IS NULL AND {UNSENT}"),
    )
