"""commands that are put off"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("command", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("command", sa.Column("put_off_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("command", "put_off_at")
    op.drop_column("command", "tries")
