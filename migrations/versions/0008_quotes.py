"""quotes"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from migrations.row_security import isolate_by_tenant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = ("ticket", "kyc", "quote")
CASE_KINDS = (*BEFORE, "quote_request")
WITH_CASE_KIND = ("command", "event", "delivery", "review")
TABLES = (
    "product",
    "quote_request",
    "quote_request_product",
    "quote_request_file",
    "quote",
    "quote_content",
    "quote_line",
    "quote_answer",
    "quote_document",
)


def upgrade() -> None:
    for table in WITH_CASE_KIND:
        _restrict_case_kinds(table, CASE_KINDS)
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("visible", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_product_price_not_negative")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_product_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("tenant_id", "sku", name=op.f("uq_product_tenant_id_sku")),
    )
    op.create_index(op.f("ix_product_tenant_id_name_id"), "product", ["tenant_id", "name", "id"], unique=False)
    op.create_table(
        "quote_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "quoted",
                "declined",
                "closed",
                name="quoterequeststatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_quote_request_numbered_once_alive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_quote_request_customer_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_quote_request_requester_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_request_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_request")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_quote_request_tenant_id_number")),
    )
    op.create_index(
        "ix_quote_request_newest",
        "quote_request",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("quote_version", sa.Integer(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pending_approval",
                "approved",
                "rejected",
                "sent",
                "accepted",
                "declined",
                "expired",
                "superseded",
                "converted",
                name="quotestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_quote_numbered_once_alive")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_quote_author_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_quote_customer_id")),
        sa.ForeignKeyConstraint(["request_id"], ["quote_request.id"], name=op.f("fk_quote_request_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_quote_submitted_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("root_id", "quote_version", name=op.f("uq_quote_root_id_quote_version")),
        sa.UniqueConstraint(
            "tenant_id", "number", "quote_version", name=op.f("uq_quote_tenant_id_number_quote_version")
        ),
    )
    op.create_index(
        "ix_quote_by_customer",
        "quote",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0 AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_quote_newest",
        "quote",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0 AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_quote_of_request", "quote", ["request_id"], unique=True, postgresql_where=sa.text("request_id IS NOT NULL")
    )
    op.create_table(
        "quote_request_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_quote_request_file_file_id")),
        sa.ForeignKeyConstraint(["request_id"], ["quote_request.id"], name=op.f("fk_quote_request_file_request_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_request_file_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_request_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_quote_request_file_file_id")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_quote_request_file_request_id_position")),
    )
    op.create_table(
        "quote_request_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_quote_request_product_product_id")),
        sa.ForeignKeyConstraint(["request_id"], ["quote_request.id"], name=op.f("fk_quote_request_product_request_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_request_product_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_request_product")),
        sa.UniqueConstraint("request_id", "product_id", name=op.f("uq_quote_request_product_request_id_product_id")),
    )
    op.create_table(
        "quote_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_answer_quote_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_answer_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_answer")),
    )
    op.create_index(op.f("ix_quote_answer_quote_id"), "quote_answer", ["quote_id"], unique=False)
    op.create_table(
        "quote_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("notes", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("terms", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("largest_discount_bp", sa.Integer(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("taxable", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_content_quote_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_content_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_content")),
    )
    op.create_index(op.f("ix_quote_content_quote_id"), "quote_content", ["quote_id"], unique=False)
    op.create_table(
        "quote_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["content_id"], ["quote_content.id"], name=op.f("fk_quote_document_content_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_quote_document_file_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_document_quote_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_document_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_document")),
        sa.UniqueConstraint("content_id", "sent", name=op.f("uq_quote_document_content_id_sent")),
        sa.UniqueConstraint("file_id", name=op.f("uq_quote_document_file_id")),
    )
    op.create_index(op.f("ix_quote_document_quote_id"), "quote_document", ["quote_id"], unique=False)
    op.create_table(
        "quote_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("exemption", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("document_discount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["content_id"], ["quote_content.id"], name=op.f("fk_quote_line_content_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_quote_line_product_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quote_line_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
        sa.UniqueConstraint("content_id", "position", name=op.f("uq_quote_line_content_id_position")),
    )
    op.add_column("delivery", sa.Column("customer_id", sa.Uuid(), nullable=True))
    op.alter_column("delivery", "recipient_id", existing_type=sa.UUID(), nullable=True)
    op.create_unique_constraint(
        op.f("uq_delivery_tenant_id_step_id_customer_id_channel_template"),
        "delivery",
        ["tenant_id", "step_id", "customer_id", "channel", "template"],
    )
    op.create_foreign_key(op.f("fk_delivery_customer_id"), "delivery", "customer", ["customer_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_delivery_one_recipient"), "delivery", "(recipient_id IS NULL) <> (customer_id IS NULL)"
    )
    for table in TABLES:
        isolate_by_tenant(table)


def downgrade() -> None:
    # The owner sees no tenant's rows while row security is forced.
    for table in ("delivery", "event", "command", "review_decision", "review"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM delivery WHERE recipient_id IS NULL")
    op.execute(
        "DELETE FROM review_decision USING review "
        "WHERE review.id = review_decision.review_id AND review.case_kind = 'quote_request'"
    )
    for table in WITH_CASE_KIND:
        op.execute(f"DELETE FROM {table} WHERE case_kind = 'quote_request'")  # noqa: S608  our own names
    for table in ("delivery", "event", "command", "review_decision", "review"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("ck_delivery_one_recipient"), "delivery", type_="check")
    op.drop_constraint(op.f("uq_delivery_tenant_id_step_id_customer_id_channel_template"), "delivery", type_="unique")
    op.drop_column("delivery", "customer_id")
    op.alter_column("delivery", "recipient_id", existing_type=sa.UUID(), nullable=False)
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in WITH_CASE_KIND:
        _restrict_case_kinds(table, BEFORE)


def _restrict_case_kinds(table: str, kinds: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_casekind")
    op.drop_constraint(name, table, type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(name, table, f"case_kind IN ({listed})")
