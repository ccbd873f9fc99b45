"""callbacks"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import grant_permissions, isolate_by_tenant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PERMISSIONS = {
    "client": ("callbacks:read", "callbacks:ask"),
    "reviewer": ("callbacks:read", "callbacks:read_all"),
    **dict.fromkeys(("agent", "manager"), ("callbacks:read", "callbacks:read_all", "callbacks:work")),
    "admin": ("callbacks:read", "callbacks:read_all", "callbacks:ask", "callbacks:work"),
}


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                *("open", "planned", "done", "given_up"),
                name="callbackstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_callback_numbered_once_alive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_callback_customer_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_callback_requester_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_callback_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_callback_tenant_id_number")),
    )
    for index, columns in (("newest", ()), ("by_status", ("status",)), ("by_customer", ("customer_id",))):
        op.create_index(
            f"ix_callback_{index}",
            "callback",
            ["tenant_id", *columns, "created_at", "id"],
            postgresql_where=sa.text("version > 0"),
        )
    isolate_by_tenant("callback")
    grant_permissions(PERMISSIONS)


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    op.drop_table("callback")
