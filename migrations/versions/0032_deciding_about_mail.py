"""deciding about mail"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import isolate_by_tenant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_BEFORE = ("pending", "sending", "sent", "failed")
_STATUS = "ck_delivery_deliverystatus"


def upgrade() -> None:
    _deliveries_are((*_BEFORE, "bounced"))
    op.add_column("mail", sa.Column("wish", postgresql.JSONB(), nullable=True))
    op.create_index(
        "ix_mail_by_command",
        "mail",
        ["command_id"],
        unique=False,
        postgresql_where=sa.text("command_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_settled_of_sender",
        "mail",
        ["tenant_id", "sender_address", "settled_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )
    op.create_table(
        "mail_matter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "done", "gone", name="matterstatus", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "about",
            sa.Enum(
                *("held", "failed", "undeliverable"),
                name="matterabout",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("regards", sa.String(length=400), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_mail_matter_numbered_once_alive")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"{table}.tenant_id", f"{table}.id"],
                name=op.f(f"fk_mail_matter_tenant_id_{table}_id"),
            )
            for table in ("customer", "mail", "ticket")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_matter_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_matter")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_mail_matter_tenant_id_number")),
    )
    for index, columns in (("newest", ()), ("by_status", ("status",))):
        op.create_index(
            f"ix_mail_matter_{index}",
            "mail_matter",
            ["tenant_id", *columns, "created_at", "id"],
            postgresql_where=sa.text("version > 0"),
        )
    op.create_index(
        "ix_mail_matter_waiting",
        "mail_matter",
        ["tenant_id", "status_since", "id"],
        postgresql_where=sa.text("version > 0 AND (status = 'open')"),
    )
    op.create_index(
        "uq_mail_matter_open",
        "mail_matter",
        ["tenant_id", "about", "regards"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    isolate_by_tenant("mail_matter")


def downgrade() -> None:
    op.drop_table("mail_matter")
    op.drop_index("ix_mail_settled_of_sender", table_name="mail")
    op.drop_index("ix_mail_by_command", table_name="mail")
    op.drop_column("mail", "wish")
    op.execute("ALTER TABLE delivery NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE delivery SET status = 'sent' WHERE status = 'bounced'")
    op.execute("ALTER TABLE delivery FORCE ROW LEVEL SECURITY")
    _deliveries_are(_BEFORE)


def _deliveries_are(statuses: tuple[str, ...]) -> None:
    """Checks the statuses without looking at the rows that are there, which would keep others waiting."""
    listed = ", ".join(f"'{status}'" for status in statuses)
    op.drop_constraint(op.f(_STATUS), "delivery", type_="check")
    op.execute(f"ALTER TABLE delivery ADD CONSTRAINT {_STATUS} CHECK (status IN ({listed})) NOT VALID")
    op.execute(f"ALTER TABLE delivery VALIDATE CONSTRAINT {_STATUS}")
