"""invoices"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import grant, grant_permissions, isolate_by_tenant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PERMISSIONS = dict.fromkeys(("manager", "admin"), ("invoices:issue", "invoices:cancel"))

KEPT = "number, year, sequence, content_id, customer_id, order_id, quote_id, currency, total, issued_at, due_at"
"""What no update changes of an invoice that was issued."""


def upgrade() -> None:
    op.create_table(
        "invoice",
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
                "draft",
                "issued",
                "sent",
                "partially_paid",
                "paid",
                "overdue",
                "cancelled",
                name="invoicestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dunning_level", sa.Integer(), nullable=False),
        sa.Column("dunned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credit_note_id", sa.Uuid(), nullable=True),
        sa.Column("refund_due", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(issued_at IS NULL) = (sequence IS NULL)", name=op.f("ck_invoice_sequence_once_issued")),
        sa.CheckConstraint("paid_amount BETWEEN 0 AND total", name=op.f("ck_invoice_not_overpaid")),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_invoice_numbered_once_alive")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_invoice_author_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("fk_invoice_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "quote_id"], ["quote.tenant_id", "quote.id"], name=op.f("fk_invoice_tenant_id_quote_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invoice_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_invoice_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_invoice_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "year", "sequence", name=op.f("uq_invoice_tenant_id_year_sequence")),
    )
    op.create_index(
        "ix_invoice_by_customer",
        "invoice",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_invoice_by_status",
        "invoice",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_invoice_newest",
        "invoice",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_invoice_of_order", "invoice", ["order_id"], unique=False, postgresql_where=sa.text("order_id IS NOT NULL")
    )
    op.create_table(
        "credit_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoice.tenant_id", "invoice.id"],
            name=op.f("fk_credit_note_tenant_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_credit_note_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("tenant_id", "invoice_id", name=op.f("uq_credit_note_tenant_id_invoice_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_credit_note_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "year", "sequence", name=op.f("uq_credit_note_tenant_id_year_sequence")),
    )
    op.create_table(
        "invoice_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column(
            "payment_method",
            sa.Enum(
                "cash",
                "bank_transfer",
                "card",
                "cheque",
                "other",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("taxable", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("stamp_duty", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoice.tenant_id", "invoice.id"],
            name=op.f("fk_invoice_content_tenant_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invoice_content_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_content")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_invoice_content_tenant_id_id")),
    )
    op.create_index(op.f("ix_invoice_content_invoice_id"), "invoice_content", ["invoice_id"], unique=False)
    op.create_table(
        "invoice_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "cash",
                "bank_transfer",
                "card",
                "cheque",
                "other",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("stamp_duty", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_invoice_payment_amount_above_zero")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_invoice_payment_recorded_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoice.tenant_id", "invoice.id"],
            name=op.f("fk_invoice_payment_tenant_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invoice_payment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_payment")),
    )
    op.create_index(op.f("ix_invoice_payment_invoice_id"), "invoice_payment", ["invoice_id"], unique=False)
    op.create_table(
        "invoice_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column(
            "paper",
            sa.Enum(
                "draft",
                "issued",
                "paid",
                "cancelled",
                "credit_note",
                name="invoicepaper",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["file.tenant_id", "file.id"], name=op.f("fk_invoice_document_tenant_id_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content_id"],
            ["invoice_content.tenant_id", "invoice_content.id"],
            name=op.f("fk_invoice_document_tenant_id_content_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoice.tenant_id", "invoice.id"],
            name=op.f("fk_invoice_document_tenant_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invoice_document_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_document")),
        sa.UniqueConstraint("content_id", "paper", name=op.f("uq_invoice_document_content_id_paper")),
        sa.UniqueConstraint("file_id", name=op.f("uq_invoice_document_file_id")),
    )
    op.create_index(op.f("ix_invoice_document_invoice_id"), "invoice_document", ["invoice_id"], unique=False)
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("exemption", sa.String(length=200), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("document_discount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.id"],
            name=op.f("fk_invoice_line_tenant_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content_id"],
            ["invoice_content.tenant_id", "invoice_content.id"],
            name=op.f("fk_invoice_line_tenant_id_content_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invoice_line_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("content_id", "position", name=op.f("uq_invoice_line_content_id_position")),
    )
    isolate_by_tenant("invoice")
    # What a gapless series has given a number stays.
    op.execute("REVOKE DELETE ON invoice FROM casewright_app")
    for table in ("invoice_content", "invoice_line", "credit_note", "invoice_document"):
        isolate_by_tenant(table, append_only=True)
    isolate_by_tenant("invoice_payment", append_only=True)
    grant("invoice_payment", "UPDATE (taken_at)")
    _keep_what_was_issued()
    grant_permissions(PERMISSIONS)


def _keep_what_was_issued() -> None:
    new, old = (", ".join(f"{row}.{column}" for column in KEPT.split(", ")) for row in ("NEW", "OLD"))
    op.execute(
        f"""
        CREATE FUNCTION invoice_keeps_what_was_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.issued_at IS NOT NULL AND ({new}) IS DISTINCT FROM ({old}) THEN
                RAISE EXCEPTION 'an invoice that was issued never changes'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keeps_what_was_issued BEFORE UPDATE ON invoice "
        "FOR EACH ROW EXECUTE FUNCTION invoice_keeps_what_was_issued()"
    )
    op.execute(
        """
        CREATE FUNCTION invoice_takes_no_more_lines() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM invoice_content AS content JOIN invoice ON invoice.id = content.invoice_id
                WHERE content.id = NEW.content_id AND invoice.content_id = content.id AND invoice.issued_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'an invoice that was issued never changes'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER takes_no_more_lines BEFORE INSERT ON invoice_line "
        "FOR EACH ROW EXECUTE FUNCTION invoice_takes_no_more_lines()"
    )


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    for table in ("invoice_document", "credit_note", "invoice_payment", "invoice_line", "invoice_content", "invoice"):
        op.drop_table(table)
    for function in ("invoice_keeps_what_was_issued", "invoice_takes_no_more_lines"):
        op.execute(f"DROP FUNCTION {function}()")
