"""zones of people"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("timezone", sa.String(length=64), nullable=True))
    op.execute("GRANT INSERT (timezone), UPDATE (timezone) ON account TO casewright_app")


def downgrade() -> None:
    op.drop_column("account", "timezone")
