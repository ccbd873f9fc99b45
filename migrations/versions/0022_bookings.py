"""bookings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant_permissions, isolate_by_tenant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PERMISSIONS = dict.fromkeys(("manager", "admin"), ("bookings:set_up",))

TABLES = (
    "calendar_feed",
    "promo_code",
    "reminder_preference",
    "service",
    "team_member",
    "appointment",
    "team_member_service",
    "booking_series",
    "booking",
    "skipped_occurrence",
    "seat",
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_feed_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_calendar_feed_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed_secret_hash")),
        sa.UniqueConstraint("tenant_id", "account_id", name=op.f("uq_calendar_feed_tenant_id_account_id")),
    )
    op.create_table(
        "promo_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("percent_bp", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("service_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'::uuid[]"), nullable=False),
        sa.CheckConstraint("(percent_bp IS NULL) <> (amount IS NULL)", name=op.f("ck_promo_code_percent_or_amount")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_promo_code_amount_positive")),
        sa.CheckConstraint("percent_bp BETWEEN 1 AND 10000", name=op.f("ck_promo_code_percent")),
        sa.CheckConstraint("used BETWEEN 0 AND max_uses", name=op.f("ck_promo_code_uses")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_promo_code_begins_before_it_ends")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_promo_code_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_code")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_promo_code_tenant_id_code")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_promo_code_tenant_id_id")),
    )
    op.create_table(
        "reminder_preference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hours_before", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("email", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_reminder_preference_quiet_hours_have_an_end")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_reminder_preference_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reminder_preference_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_preference")),
        sa.UniqueConstraint("tenant_id", "account_id", name=op.f("uq_reminder_preference_tenant_id_account_id")),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("bookable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_advance_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("buffer_before_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("windows", postgresql.JSONB(), nullable=False),
        sa.Column("observes_holidays", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("blackouts", postgresql.ARRAY(sa.Date()), server_default=sa.text("'{}'::date[]"), nullable=False),
        sa.Column("booking_types", postgresql.JSONB(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("base_price", sa.BigInteger(), nullable=True),
        sa.Column("hourly_price", sa.BigInteger(), nullable=True),
        sa.Column("peak", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("weekend_bp", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "weekend_days", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{5,6}'::integer[]"), nullable=False
        ),
        sa.Column("emergency_bp", sa.Integer(), server_default="10000", nullable=False),
        sa.Column("auto_confirm", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("check_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(base_price IS NULL) <> (hourly_price IS NULL)", name=op.f("ck_service_one_price")),
        sa.CheckConstraint("base_price >= 0 AND hourly_price >= 0", name=op.f("ck_service_price_not_negative")),
        sa.CheckConstraint(
            "buffer_after_minutes BETWEEN 0 AND 1440", name=op.f("ck_service_buffer_after_of_a_day_at_most")
        ),
        sa.CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 1440", name=op.f("ck_service_buffer_before_of_a_day_at_most")
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 10000", name=op.f("ck_service_seats")),
        sa.CheckConstraint("daily_cap > 0", name=op.f("ck_service_daily_cap_positive")),
        sa.CheckConstraint("duration_minutes BETWEEN 5 AND 10080", name=op.f("ck_service_duration_of_a_week_at_most")),
        sa.CheckConstraint("emergency_bp >= 10000", name=op.f("ck_service_emergency_not_cheaper")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 10080", name=op.f("ck_service_slots_of_a_week_at_most")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_service_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_service_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_service_tenant_id_name")),
    )
    op.create_table(
        "team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("windows", postgresql.JSONB(), nullable=False),
        sa.Column("days_off", postgresql.ARRAY(sa.Date()), server_default=sa.text("'{}'::date[]"), nullable=False),
        sa.Column("max_concurrent", sa.Integer(), server_default="1", nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("auto_assign", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 1440", name=op.f("ck_team_member_buffer_of_a_day_at_most")),
        sa.CheckConstraint("max_concurrent BETWEEN 1 AND 100", name=op.f("ck_team_member_lanes")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_team_member_account_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_team_member_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("tenant_id", "account_id", name=op.f("uq_team_member_tenant_id_account_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_team_member_tenant_id_id")),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("team_member_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("team_member_id"), "="),
            (sa.column("lane"), "="),
            (sa.text("tstzrange(blocked_from, blocked_until)"), "&&"),
            using="gist",
            name="ex_appointment_one_at_a_time",
        ),
        sa.CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until",
            name=op.f("ck_appointment_in_order"),
        ),
        sa.CheckConstraint("lane >= 0", name=op.f("ck_appointment_lane_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["service.tenant_id", "service.id"],
            name=op.f("fk_appointment_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_member_id"],
            ["team_member.tenant_id", "team_member.id"],
            name=op.f("fk_appointment_tenant_id_team_member_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_appointment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("tenant_id", "id", "capacity", name=op.f("uq_appointment_tenant_id_id_capacity")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_appointment_tenant_id_id")),
    )
    op.create_index(
        "ix_appointment_of_member", "appointment", ["tenant_id", "team_member_id", "starts_at"], unique=False
    )
    op.create_index("ix_appointment_of_service", "appointment", ["tenant_id", "service_id", "starts_at"], unique=False)
    op.create_table(
        "team_member_service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("team_member_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["service.tenant_id", "service.id"],
            name=op.f("fk_team_member_service_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_member_id"],
            ["team_member.tenant_id", "team_member.id"],
            name=op.f("fk_team_member_service_tenant_id_team_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_team_member_service_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member_service")),
        sa.UniqueConstraint(
            "team_member_id", "service_id", name=op.f("uq_team_member_service_team_member_id_service_id")
        ),
    )
    op.create_index(op.f("ix_team_member_service_service_id"), "team_member_service", ["service_id"], unique=False)
    op.create_table(
        "booking_series",
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
                "active",
                "ended",
                "cancelled",
                name="seriesstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("team_member_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(length=500), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "on_conflict",
            sa.Enum("skip", "fail", name="onconflict", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("through_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurrences", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extend_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancel_from", sa.Integer(), nullable=True),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_booking_series_numbered_once_alive")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_booking_series_requester_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("fk_booking_series_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["service.tenant_id", "service.id"],
            name=op.f("fk_booking_series_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_member_id"],
            ["team_member.tenant_id", "team_member.id"],
            name=op.f("fk_booking_series_tenant_id_team_member_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_booking_series_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_series")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_booking_series_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_booking_series_tenant_id_number")),
    )
    op.create_index(
        "ix_booking_series_by_customer",
        "booking_series",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_booking_series_by_status",
        "booking_series",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_booking_series_newest",
        "booking_series",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_table(
        "booking",
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
                "held",
                "pending",
                "confirmed",
                "in_progress",
                "completed",
                "no_show",
                "cancelled",
                "expired",
                name="bookingstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "type",
            sa.Enum(
                "standard",
                "recurring",
                "emergency",
                "consultation",
                name="bookingtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("team_member_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("price_lines", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("promo_code_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("held_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_code", sa.String(length=60), nullable=True),
        sa.CheckConstraint("version = 0 OR number IS NOT NULL", name=op.f("ck_booking_numbered_once_alive")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_booking_requester_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("fk_booking_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "promo_code_id"],
            ["promo_code.tenant_id", "promo_code.id"],
            name=op.f("fk_booking_tenant_id_promo_code_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["booking_series.tenant_id", "booking_series.id"],
            name=op.f("fk_booking_tenant_id_series_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["service.tenant_id", "service.id"],
            name=op.f("fk_booking_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_member_id"],
            ["team_member.tenant_id", "team_member.id"],
            name=op.f("fk_booking_tenant_id_team_member_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_booking_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_booking_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_booking_tenant_id_number")),
    )
    op.create_index(
        "ix_booking_by_customer",
        "booking",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_booking_by_start",
        "booking",
        ["tenant_id", "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_booking_by_status",
        "booking",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index(
        "ix_booking_newest",
        "booking",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("version > 0"),
    )
    op.create_index("ix_booking_of_member", "booking", ["tenant_id", "team_member_id", "starts_at"], unique=False)
    op.create_index(
        "ix_booking_of_series",
        "booking",
        ["series_id", "position"],
        unique=True,
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )
    op.create_table(
        "skipped_occurrence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["booking_series.tenant_id", "booking_series.id"],
            name=op.f("fk_skipped_occurrence_tenant_id_series_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_skipped_occurrence_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_occurrence")),
        sa.UniqueConstraint("series_id", "position", name=op.f("uq_skipped_occurrence_series_id_position")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND capacity", name=op.f("ck_seat_there_is_one")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appointment_id", "capacity"],
            ["appointment.tenant_id", "appointment.id", "appointment.capacity"],
            name=op.f("fk_seat_tenant_id_appointment_id_capacity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"], name=op.f("fk_seat_tenant_id_booking_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_seat_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("appointment_id", "number", name=op.f("uq_seat_appointment_id_number")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_seat_booking_id")),
    )
    for table in TABLES:
        isolate_by_tenant(table)
    grant_permissions(PERMISSIONS)


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    for table in reversed(TABLES):
        op.drop_table(table)
