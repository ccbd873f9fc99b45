"""orders"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import isolate_by_tenant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("webhook_endpoint", "sales_order", "order_comment", "order_content", "order_delivery", "order_line")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_webhook_endpoint_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_webhook_endpoint_tenant_id")),
    )
    op.create_table(
        "sales_order",
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
                "request",
                "validated",
                "in_progress",
                "delivered",
                "cancelled",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("payment_first", sa.Boolean(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column(
            "stock",
            sa.Enum(
                "none",
                "waiting",
                "reserved",
                "released",
                name="stockstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "invoice",
            sa.Enum(
                "none",
                "asked",
                "issued",
                "paid",
                "cancelling",
                "silent",
                "cancelled",
                name="invoicestage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_code", sa.String(length=60), nullable=True),
        sa.Column("unwound_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_sales_order_numbered_once_alive")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_sales_order_requester_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("fk_sales_order_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "quote_id"], ["quote.tenant_id", "quote.id"], name=op.f("fk_sales_order_tenant_id_quote_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sales_order_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_sales_order_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_sales_order_tenant_id_number")),
    )
    op.create_index(
        "ix_sales_order_by_customer",
        "sales_order",
        ["tenant_id", "customer_id", "created_at", "id"],
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_sales_order_by_status",
        "sales_order",
        ["tenant_id", "status", "created_at", "id"],
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_sales_order_newest",
        "sales_order",
        ["tenant_id", "created_at", "id"],
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_sales_order_of_quote",
        "sales_order",
        ["quote_id"],
        unique=True,
        postgresql_where=sa.text("quote_id IS NOT NULL AND version > 0 AND status <> 'cancelled'"),
    )
    op.create_table(
        "order_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_order_comment_author_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["sales_order.tenant_id", "sales_order.id"],
            name=op.f("fk_order_comment_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_comment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_comment")),
    )
    op.create_index(
        op.f("ix_order_comment_tenant_id_order_id_created_at"), "order_comment", ["tenant_id", "order_id", "created_at"]
    )
    op.create_table(
        "order_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("taxable", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["sales_order.tenant_id", "sales_order.id"],
            name=op.f("fk_order_content_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_content_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_content")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_order_content_tenant_id_id")),
    )
    op.create_index(op.f("ix_order_content_order_id"), "order_content", ["order_id"])
    op.create_table(
        "order_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name=op.f("fk_order_delivery_confirmed_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["sales_order.tenant_id", "sales_order.id"],
            name=op.f("fk_order_delivery_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_delivery_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_delivery")),
    )
    op.create_index(op.f("ix_order_delivery_order_id"), "order_delivery", ["order_id"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
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
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "asked",
                "fulfilled",
                "failed",
                "undone",
                name="linestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_webhook", sa.Boolean(), nullable=False),
        sa.Column("called", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content_id"],
            ["order_content.tenant_id", "order_content.id"],
            name=op.f("fk_order_line_tenant_id_content_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.id"],
            name=op.f("fk_order_line_tenant_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "variant_id"],
            ["product_variant.tenant_id", "product_variant.id"],
            name=op.f("fk_order_line_tenant_id_variant_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_line_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("content_id", "position", name=op.f("uq_order_line_content_id_position")),
    )
    for table in TABLES:
        isolate_by_tenant(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
