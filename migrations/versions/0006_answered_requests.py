"""answered requests"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from migrations.row_security import force, grant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OWN = "key_digest = nullif(current_setting('app.request_key', true), '')"
_OVER = "created_at < now() - interval '1 day'"


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
    # Nobody has a tenant yet: who knows the key sees its answer, and anybody may clear away what is over.
    force("answered_request")
    op.execute(f"CREATE POLICY ask ON answered_request FOR SELECT USING ({_OWN})")
    op.execute(f"CREATE POLICY begin ON answered_request FOR INSERT WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY answer ON answered_request FOR UPDATE USING ({_OWN})")
    op.execute(f"CREATE POLICY forget ON answered_request FOR DELETE USING ({_OWN} OR {_OVER})")
    grant("answered_request", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.drop_table("answered_request")
