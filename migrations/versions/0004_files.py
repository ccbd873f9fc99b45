"""files"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from migrations.row_security import isolate_by_tenant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploading",
                "stored",
                "removing",
                name="filestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column(
            "scan",
            sa.Enum(
                "clean",
                "infected",
                "pending",
                "skipped",
                name="scanresult",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'stored' OR "
            "(content_type IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL AND stored_at IS NOT NULL)",
            name=op.f("ck_file_known_once_stored"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_file_tenant_id")),
        sa.ForeignKeyConstraint(["uploader_id"], ["account.id"], name=op.f("fk_file_uploader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("key", name=op.f("uq_file_key")),
    )
    op.create_index(
        "ix_file_unsettled",
        "file",
        ["tenant_id", "created_at"],
        postgresql_where=sa.text("status <> 'stored' OR attached_at IS NULL OR scan = 'pending'"),
    )
    op.create_table(
        "ticket_message_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_ticket_message_file_file_id")),
        sa.ForeignKeyConstraint(["message_id"], ["ticket_message.id"], name=op.f("fk_ticket_message_file_message_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_message_file_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_ticket_message_file_file_id")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_ticket_message_file_message_id_position")),
    )
    isolate_by_tenant("file")
    isolate_by_tenant("ticket_message_file")


def downgrade() -> None:
    op.drop_table("ticket_message_file")
    op.drop_index("ix_file_unsettled", table_name="file")
    op.drop_table("file")
