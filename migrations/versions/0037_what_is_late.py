"""what is late"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

LATE = "version > 0 AND (first_response_breached_at IS NOT NULL OR resolution_breached_at IS NOT NULL)"


def upgrade() -> None:
    op.create_index("ix_ticket_late", "ticket", ["tenant_id", "created_at", "id"], postgresql_where=sa.text(LATE))


def downgrade() -> None:
    op.drop_index("ix_ticket_late", "ticket")
