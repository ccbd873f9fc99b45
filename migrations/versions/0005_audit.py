"""audit"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import isolate_by_tenant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("entity_kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("correlation_id", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=45), nullable=True),
        sa.Column("previous_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("tenant_id", "sequence", name=op.f("uq_audit_tenant_id_sequence")),
    )
    op.create_index(op.f("ix_audit_tenant_id_actor_id_sequence"), "audit", ["tenant_id", "actor_id", "sequence"])
    op.create_index(
        op.f("ix_audit_tenant_id_entity_kind_entity_id_sequence"),
        "audit",
        ["tenant_id", "entity_kind", "entity_id", "sequence"],
    )
    op.create_table(
        "audit_head",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_head_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_head")),
    )
    isolate_by_tenant("audit", append_only=True)
    isolate_by_tenant("audit_head")
    op.execute("REVOKE DELETE ON audit_head FROM casewright_app")
    # `casewright doctor` asks as the app's role whether the schema is the one that the code expects.
    op.execute("GRANT SELECT ON alembic_version TO casewright_app")
    # Everybody may read what was recorded of them. The owner sees no tenant's rows while row security is forced.
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO role_permission (id, tenant_id, role_id, permission) "
        "SELECT uuidv7(), tenant_id, id, 'audit:read_own' FROM role ON CONFLICT DO NOTHING"
    )
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE role_permission NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM role_permission WHERE permission = 'audit:read_own'")
    op.execute("ALTER TABLE role_permission FORCE ROW LEVEL SECURITY")
    op.execute("REVOKE SELECT ON alembic_version FROM casewright_app")
    op.drop_table("audit_head")
    op.drop_table("audit")
