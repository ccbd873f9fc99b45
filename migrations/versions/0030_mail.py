"""mail that comes in"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant_permissions, isolate_by_tenant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = (
    "automatic_answer",
    "mail_address",
    "mail_rule",
    "mail_account",
    "known_message_id",
    "mail",
    "mail_account_address",
    "ticket_link",
    "ticket_participant",
    "mail_part",
)
PERMISSIONS = {
    "agent": ("mail:read", "mail:work"),
    "manager": ("mail:read", "mail:work", "mail:raw"),
    "admin": ("mail:read", "mail:work", "mail:raw", "mail:manage"),
}


def upgrade() -> None:
    op.create_table(
        "automatic_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_automatic_answer_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_answer")),
    )
    op.create_index(
        op.f("ix_automatic_answer_tenant_id_address_at"),
        "automatic_answer",
        ["tenant_id", "address", "at"],
        unique=False,
    )
    op.create_table(
        "mail_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("listed", sa.String(length=10), nullable=True),
        sa.Column("undeliverable_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undeliverable_status", sa.String(length=20), nullable=True),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["noted_by"], ["account.id"], name=op.f("fk_mail_address_noted_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_address_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_address")),
        sa.UniqueConstraint("tenant_id", "address", name=op.f("uq_mail_address_tenant_id_address")),
    )
    op.create_table(
        "mail_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("choices", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_rule_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_rule")),
    )
    op.create_index(op.f("ix_mail_rule_tenant_id_place"), "mail_rule", ["tenant_id", "place"], unique=False)
    op.create_table(
        "mail_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "source",
            sa.Enum("imap", "sendgrid", "mailgun", name="source", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("host", sa.String(length=253), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column(
            "security",
            sa.Enum("tls", "starttls", "none", name="security", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("username", sa.String(length=254), nullable=True),
        sa.Column(
            "login",
            sa.Enum("password", "oauth2", name="loginkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column(
            "start",
            sa.Enum("now", "unseen", "since", name="start", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "after",
            sa.Enum(
                "seen", "move", "delete", "leave", name="after", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("move_to", sa.String(length=200), nullable=True),
        sa.Column("plus_addressing", sa.Boolean(), nullable=False),
        sa.Column("smtp_host", sa.String(length=253), nullable=True),
        sa.Column("smtp_port", sa.Integer(), nullable=True),
        sa.Column(
            "smtp_security",
            sa.Enum("tls", "starttls", "none", name="security", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("smtp_username", sa.String(length=254), nullable=True),
        sa.Column("smtp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("authserv_id", sa.String(length=253), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("size_limit", sa.Integer(), nullable=False),
        sa.Column("inbound_token", sa.String(length=64), nullable=True),
        sa.Column("changed", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active", "failing", "paused", name="mailboxstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "waits",
            sa.Enum(
                "nothing",
                "server",
                "next_look",
                "next_try",
                "person",
                name="waits",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("errors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=60), nullable=True),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_mail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["ticket_category.tenant_id", "ticket_category.id"],
            name=op.f("fk_mail_account_tenant_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["agent_group.tenant_id", "agent_group.id"],
            name=op.f("fk_mail_account_tenant_id_group_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_account_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
        sa.UniqueConstraint("inbound_token", name=op.f("uq_mail_account_inbound_token")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_mail_account_tenant_id_id")),
    )
    op.create_table(
        "known_message_id",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(length=998), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column(
            "known_as",
            sa.Enum(
                "sent",
                "relayed",
                "anchor",
                "received",
                name="knownas",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["ticket.tenant_id", "ticket.id"],
            name=op.f("fk_known_message_id_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_known_message_id_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_message_id")),
        sa.UniqueConstraint("tenant_id", "message_id", name=op.f("uq_known_message_id_tenant_id_message_id")),
    )
    op.create_index(op.f("ix_known_message_id_ticket_id"), "known_message_id", ["ticket_id"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=True),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw_key", sa.String(length=80), nullable=True),
        sa.Column("raw_size", sa.BigInteger(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("too_large", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "opened",
                "joined",
                "held",
                "spam",
                "automatic",
                "bounce",
                "duplicate",
                "ignored",
                "failed",
                "deleted",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "held_for",
            sa.Enum(
                "unauthenticated",
                "staff_unproven",
                "flood",
                "suspended",
                name="heldfor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("why", sa.String(length=60), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("duplicate_of", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.String(length=998), nullable=True),
        sa.Column("sender_address", sa.String(length=320), nullable=True),
        sa.Column("sender_name", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.String(length=998), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recipients", postgresql.JSONB(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("quoted", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("remote_images", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cut", postgresql.JSONB(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum("pass", "fail", "none", name="verdict", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("verdict_because", postgresql.JSONB(), nullable=True),
        sa.Column("automatic", sa.String(length=60), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("score_because", postgresql.JSONB(), nullable=True),
        sa.Column("rules", postgresql.JSONB(), nullable=True),
        sa.Column("tried", postgresql.JSONB(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_message_id", sa.Uuid(), nullable=True),
        sa.Column("command_id", sa.Uuid(), nullable=True),
        sa.Column("reprocessed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["mail_account.tenant_id", "mail_account.id"],
            name=op.f("fk_mail_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duplicate_of"], ["mail.tenant_id", "mail.id"], name=op.f("fk_mail_tenant_id_duplicate_of")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_mail_tenant_id_ticket_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint(
            "account_id", "folder", "uid_validity", "uid", name=op.f("uq_mail_account_id_folder_uid_validity_uid")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_mail_tenant_id_id")),
    )
    op.create_index("ix_mail_by_sender", "mail", ["tenant_id", "sender_address", "received_at"], unique=False)
    op.create_index("ix_mail_by_state", "mail", ["tenant_id", "state", "received_at", "id"], unique=False)
    op.create_index("ix_mail_newest", "mail", ["tenant_id", "received_at", "id"], unique=False)
    op.create_index("ix_mail_of_account", "mail", ["account_id", "received_at", "id"], unique=False)
    op.create_index(
        "ix_mail_of_ticket",
        "mail",
        ["ticket_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_unread",
        "mail",
        ["tenant_id", "account_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "uq_mail_digest",
        "mail",
        ["tenant_id", "digest"],
        unique=True,
        postgresql_where=sa.text("digest IS NOT NULL AND duplicate_of IS NULL"),
    )
    op.create_table(
        "mail_account_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["mail_account.tenant_id", "mail_account.id"],
            name=op.f("fk_mail_account_address_tenant_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_account_address_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account_address")),
        sa.UniqueConstraint("account_id", "place", name=op.f("uq_mail_account_address_account_id_place")),
        sa.UniqueConstraint("tenant_id", "address", name=op.f("uq_mail_account_address_tenant_id_address")),
    )
    op.create_table(
        "ticket_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "other_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_ticket_link_tenant_id_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["ticket.tenant_id", "ticket.id"],
            name=op.f("fk_ticket_link_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_link_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
        sa.UniqueConstraint("ticket_id", "other_id", name=op.f("uq_ticket_link_ticket_id_other_id")),
    )
    op.create_index(op.f("ix_ticket_link_other_id"), "ticket_link", ["other_id"], unique=False)
    op.create_table(
        "ticket_participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_ticket_participant_added_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["ticket.tenant_id", "ticket.id"],
            name=op.f("fk_ticket_participant_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_participant_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_participant")),
        sa.UniqueConstraint("ticket_id", "address", name=op.f("uq_ticket_participant_ticket_id_address")),
    )
    op.create_table(
        "mail_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.String(length=998), nullable=True),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.String(length=60), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["file.tenant_id", "file.id"], name=op.f("fk_mail_part_tenant_id_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mail_id"],
            ["mail.tenant_id", "mail.id"],
            name=op.f("fk_mail_part_tenant_id_mail_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_mail_part_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_part")),
        sa.UniqueConstraint("mail_id", "place", name=op.f("uq_mail_part_mail_id_place")),
    )
    op.create_index(
        "ix_mail_part_file", "mail_part", ["file_id"], unique=False, postgresql_where=sa.text("file_id IS NOT NULL")
    )
    for table in TABLES:
        isolate_by_tenant(table)
    grant_permissions(PERMISSIONS)


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    for table in reversed(TABLES):
        op.drop_table(table)
