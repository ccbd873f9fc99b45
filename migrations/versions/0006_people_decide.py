"""people decide"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import isolate_by_tenant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CASE_KINDS = ("ticket", "kyc", "quote")
NEW_TABLES = ("review", "review_decision", "kyc_case", "kyc_document", "kyc_document_file")
WITH_CASE_KIND = ("command", "event", "delivery")


def upgrade() -> None:
    for table in WITH_CASE_KIND:
        _restrict_case_kinds(table, CASE_KINDS)
    _create_inbox()
    _create_identity_checks()
    for table in NEW_TABLES:
        isolate_by_tenant(table)
    _agents_may_decide()


def downgrade() -> None:
    op.execute("ALTER TABLE role_permission NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE role NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "DELETE FROM role_permission USING role WHERE role.id = role_permission.role_id AND role.key = 'agent' "
        "AND role_permission.permission = 'reviews:decide'"
    )
    op.execute("ALTER TABLE role FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE role_permission FORCE ROW LEVEL SECURITY")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    for table in WITH_CASE_KIND:
        _restrict_case_kinds(table, ("ticket",))


def _restrict_case_kinds(table: str, kinds: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_casekind")
    op.drop_constraint(name, table, type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(name, table, f"case_kind IN ({listed})")


def _create_inbox() -> None:
    op.create_table(
        "review",
        *_identity(),
        sa.Column("case_kind", _enum("casekind", *CASE_KINDS), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("case_number", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            _enum("reviewkind", "kyc_review", "kyc_expiry", "quote_approval", "quote_request"),
            nullable=False,
        ),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("status", _enum("reviewstatus", "pending", "done", "cancelled"), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("permission", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("decisions", postgresql.JSONB(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("approvals", postgresql.JSONB(), nullable=False),
        sa.Column("excluded", postgresql.JSONB(), nullable=False),
        sa.Column("form", postgresql.JSONB(), nullable=False),
        sa.Column("moments", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", _decision(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.CheckConstraint("(status = 'pending') = (settled_at IS NULL)", name=op.f("ck_review_settled_once_over")),
        sa.ForeignKeyConstraint(["assignee_id"], ["account.id"], name=op.f("fk_review_assignee_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_review_customer_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_review_decided_by")),
        sa.ForeignKeyConstraint(["requested_by"], ["account.id"], name=op.f("fk_review_requested_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_review_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(
        "ix_review_by_due",
        "review",
        ["tenant_id", "due_at", "id"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_review_by_assignee",
        "review",
        ["tenant_id", "assignee_id"],
        postgresql_where=sa.text("status = 'pending' AND assignee_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_review_tenant_id_opened_at_id"), "review", ["tenant_id", "opened_at", "id"])
    op.create_index(op.f("ix_review_case_id_status"), "review", ["case_id", "status"])
    op.create_table(
        "review_decision",
        *_identity(),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("decision", _decision(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_review_decision_account_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_decision_review_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_review_decision_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(op.f("ix_review_decision_review_id_taken_at"), "review_decision", ["review_id", "taken_at"])


def _create_identity_checks() -> None:
    op.create_table(
        "kyc_case",
        *_identity(),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column(
            "status",
            _enum(
                "kycstatus",
                *("none", "collecting", "under_review", "changes_requested", "approved", "rejected", "expired"),
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("risk", _enum("risk", "normal", "high"), server_default="normal", nullable=False),
        sa.Column("risk_by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expected_volume", sa.BigInteger(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_customer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_kyc_case_numbered_once_alive")),
        sa.ForeignKeyConstraint(["id"], ["customer.id"], name=op.f("fk_kyc_case_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_kyc_case_submitted_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_kyc_case_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_case")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_kyc_case_tenant_id_number")),
    )
    op.create_table(
        "kyc_document",
        *_identity(),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "type",
            _enum(
                "documenttype",
                *("national_id", "passport", "driving_licence", "proof_of_address"),
                *("company_registration", "tax_certificate", "bank_statement"),
            ),
            nullable=False,
        ),
        sa.Column("status", _enum("documentstatus", "uploaded", "approved", "rejected", "expired"), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("proposals", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_kyc_document_customer_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_kyc_document_tenant_id")),
        sa.ForeignKeyConstraint(["uploader_id"], ["account.id"], name=op.f("fk_kyc_document_uploader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_document")),
    )
    op.create_index(op.f("ix_kyc_document_customer_id_added_at_id"), "kyc_document", ["customer_id", "added_at", "id"])
    op.create_index(
        "uq_kyc_document_pending",
        "kyc_document",
        ["customer_id", "type"],
        unique=True,
        postgresql_where=sa.text("status = 'uploaded' AND added_at IS NOT NULL AND removed_at IS NULL"),
    )
    op.create_table(
        "kyc_document_file",
        *_identity(),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["kyc_document.id"], name=op.f("fk_kyc_document_file_document_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_kyc_document_file_file_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_kyc_document_file_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_document_file")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_kyc_document_file_document_id_position")),
        sa.UniqueConstraint("file_id", name=op.f("uq_kyc_document_file_file_id")),
    )


def _agents_may_decide() -> None:
    """What an agent may decide a task still says for itself, by the permission that it needs."""
    # The owner sees no tenant's rows while row security is forced.
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO role_permission (id, tenant_id, role_id, permission) "
        "SELECT uuidv7(), tenant_id, id, 'reviews:decide' FROM role WHERE key = 'agent' ON CONFLICT DO NOTHING"
    )
    for table in ("role", "role_permission"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _identity() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
    )


def _decision() -> sa.Enum:
    return _enum("decision", "approve", "reject", "request_changes", "done")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
