"""how far back a folder is read"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_account", sa.Column("from_uid", sa.BigInteger(), nullable=True))
    op.add_column("mail_account", sa.Column("again_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail_account", sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_mail_raw", "mail", ["raw_key"], unique=False, postgresql_where=sa.text("raw_key IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_mail_raw", table_name="mail")
    op.drop_column("mail_account", "connected_at")
    op.drop_column("mail_account", "again_since")
    op.drop_column("mail_account", "from_uid")
