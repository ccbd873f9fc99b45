"""people in browsers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import isolate_by_tenant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Whoever looks at pages is told what happened at once: of which customer, and what, says who may be told.
ANNOUNCE = """
CREATE OR REPLACE FUNCTION announce_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('case_event', json_build_object('tenant_id', NEW.tenant_id, 'case_kind', NEW.case_kind,
        'case_id', NEW.case_id, 'version', NEW.version{more})::text);
    RETURN NULL;
END $$
"""
MORE = ", 'customer_id', NEW.customer_id, 'kind', NEW.kind"

CHOSEN = {"theme": ("light", "dark"), "density": ("compact",), "single_keys": ("off",)}


def upgrade() -> None:
    op.execute(ANNOUNCE.format(more=MORE))
    op.add_column("refresh_token", sa.Column("successor_id", sa.Uuid(), nullable=True))
    for column, values in CHOSEN.items():
        kind = sa.Enum(*values, native_enum=False, length=40, name=column.replace("_", ""), create_constraint=True)
        op.add_column("account", sa.Column(column, kind, nullable=True))
    columns = ", ".join(CHOSEN)
    op.execute(f"GRANT INSERT ({columns}), UPDATE ({columns}) ON account TO casewright_app")
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_draft_tenant_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("tenant_id", "account_id", "form", name=op.f("uq_draft_tenant_id_account_id_form")),
    )
    op.create_index(op.f("ix_draft_updated_at"), "draft", ["updated_at"])
    isolate_by_tenant("draft")


def downgrade() -> None:
    op.drop_table("draft")
    for column in CHOSEN:
        op.drop_column("account", column)
    op.drop_column("refresh_token", "successor_id")
    op.execute(ANNOUNCE.format(more=""))
