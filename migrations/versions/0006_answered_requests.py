"""answered requests"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from migrations.row_security import grant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_request",
        sa.Column("key_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_answered_request")),
    )
    op.create_index(op.f("ix_answered_request_created_at"), "answered_request", ["created_at"])
    grant("answered_request", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.drop_table("answered_request")
