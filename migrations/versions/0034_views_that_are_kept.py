"""views that are kept"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import isolate_by_tenant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    page = sa.Enum("tickets", name="listpage", native_enum=False, length=40, create_constraint=True)
    op.create_table(
        "kept_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("page", page, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_kept_view_tenant_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_kept_view_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_view")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "page", "name", name=op.f("uq_kept_view_tenant_id_account_id_page_name")
        ),
    )
    isolate_by_tenant("kept_view")


def downgrade() -> None:
    op.drop_table("kept_view")
