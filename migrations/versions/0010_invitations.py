"""invitations"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.row_security import ACCOUNT, TENANT, force, grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("full_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("role_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_invitation_customer_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invitation_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"], unique=False)
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["tenant_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    force("invitation")
    # Who asks for a lost invitation again does so before any tenant is known.
    op.execute(
        f"CREATE POLICY tenant_or_own ON invitation USING (tenant_id = {TENANT} OR account_id = {ACCOUNT}) "
        f"WITH CHECK (tenant_id = {TENANT})"
    )
    grant("invitation", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.drop_table("invitation")
