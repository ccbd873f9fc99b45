"""Bookings: who comes when to whom, the places that they take, and the series that some of them belong to."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlmodel import Field

from domain.bookings.rules import BookingStatus, BookingType
from domain.bookings.series import OnConflict, SeriesStatus
from models.base import UTC_TIME, CaseRow, TenantRow, belongs_to, enum_type, listed, numbered, referred_to, waiting


class Booking(CaseRow, table=True):
    """A booking as people read it. Before its first step it has no place yet: `starts_at` is what is asked for.

    Without a `requester_id` staff or a guest have booked for the customer. `total` is in minor units of `currency`,
    `price_lines` how it comes about. `position` is its place in its series.
    """

    __table_args__ = (
        *numbered(),
        listed("ix_booking_newest"),
        waiting(
            "booking",
            "status IN ('held', 'pending', 'confirmed', 'in_progress') "
            "OR status = 'completed' AND followed_up_at IS NULL",
        ),
        listed("ix_booking_by_status", "status"),
        listed("ix_booking_by_customer", "customer_id"),
        sa.Index("ix_booking_by_start", "tenant_id", "starts_at", "id", postgresql_where=sa.text("version > 0")),
        sa.Index("ix_booking_of_member", "tenant_id", "team_member_id", "starts_at"),
        sa.Index(
            "ix_booking_of_series",
            "series_id",
            "position",
            unique=True,
            postgresql_where=sa.text("series_id IS NOT NULL"),
        ),
        referred_to(),
        belongs_to("customer_id", "customer"),
        belongs_to("service_id", "service"),
        belongs_to("team_member_id", "team_member"),
        belongs_to("series_id", "booking_series"),
        belongs_to("promo_code_id", "promo_code"),
    )

    status: BookingStatus = Field(default=BookingStatus.HELD, sa_type=enum_type(BookingStatus))
    type: BookingType = Field(default=BookingType.STANDARD, sa_type=enum_type(BookingType))
    customer_id: UUID
    requester_id: UUID | None = Field(default=None, foreign_key="account.id")
    service_id: UUID
    team_member_id: UUID | None = None
    series_id: UUID | None = None
    position: int | None = None
    starts_at: datetime = Field(sa_type=UTC_TIME)
    ends_at: datetime = Field(sa_type=UTC_TIME)
    currency: str = Field(max_length=3)
    total: int | None = Field(default=None, sa_type=sa.BigInteger)
    price_lines: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'[]'::jsonb")}
    )
    promo_code_id: UUID | None = None
    notes: str | None = None
    held_until_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reminded_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    followed_up_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    cancel_code: str | None = Field(default=None, max_length=60)


class Appointment(TenantRow, table=True):
    """A piece of somebody's time that is taken, by one booking or by as many as it has seats. `lane` tells apart what
    the same person does at once. No two in one lane overlap, buffers included: the database would refuse."""

    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "id", "capacity"),
        ExcludeConstraint(
            ("team_member_id", "="),
            ("lane", "="),
            (sa.text("tstzrange(blocked_from, blocked_until)"), "&&"),
            using="gist",
            name="ex_appointment_one_at_a_time",
        ),
        # What row security lets be looked up: it knows nothing of ranges.
        sa.Index("ix_appointment_of_member", "tenant_id", "team_member_id", "starts_at"),
        sa.Index("ix_appointment_of_service", "tenant_id", "service_id", "starts_at"),
        sa.CheckConstraint("lane >= 0", name="lane_not_negative"),
        sa.CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until", name="in_order"
        ),
        belongs_to("service_id", "service"),
        belongs_to("team_member_id", "team_member"),
    )

    service_id: UUID
    team_member_id: UUID
    lane: int
    starts_at: datetime = Field(sa_type=UTC_TIME)
    ends_at: datetime = Field(sa_type=UTC_TIME)
    blocked_from: datetime = Field(sa_type=UTC_TIME)
    blocked_until: datetime = Field(sa_type=UTC_TIME)
    capacity: int


class Seat(TenantRow, table=True):
    """A booking's seat in an appointment. Each is given once, and there are no more than the appointment has."""

    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "number"),
        sa.UniqueConstraint("booking_id"),
        sa.CheckConstraint("number BETWEEN 1 AND capacity", name="there_is_one"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appointment_id", "capacity"],
            ["appointment.tenant_id", "appointment.id", "appointment.capacity"],
        ),
        belongs_to("booking_id", "booking"),
    )

    appointment_id: UUID
    booking_id: UUID
    number: int
    capacity: int


class BookingSeries(CaseRow, table=True):
    """Bookings that recur. `rule` is an RRULE (RFC 5545) that is counted from `starts_at` in `timezone`; what lies
    before `through_at` has been booked; the other columns are as in its state."""

    __tablename__ = "booking_series"
    __table_args__ = (
        *numbered(),
        listed("ix_booking_series_newest"),
        waiting(
            "booking_series",
            "status = 'active' OR opened < occurrences OR cancel_from IS NOT NULL AND cancelled < occurrences",
        ),
        listed("ix_booking_series_by_status", "status"),
        listed("ix_booking_series_by_customer", "customer_id"),
        referred_to(),
        belongs_to("customer_id", "customer"),
        belongs_to("service_id", "service"),
        belongs_to("team_member_id", "team_member"),
    )

    status: SeriesStatus = Field(default=SeriesStatus.ACTIVE, sa_type=enum_type(SeriesStatus))
    customer_id: UUID
    requester_id: UUID | None = Field(default=None, foreign_key="account.id")
    service_id: UUID
    team_member_id: UUID | None = None
    rule: str = Field(max_length=500)
    timezone: str = Field(max_length=64)
    starts_at: datetime = Field(sa_type=UTC_TIME)
    on_conflict: OnConflict = Field(default=OnConflict.SKIP, sa_type=enum_type(OnConflict))
    notes: str | None = None
    through_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    occurrences: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    extend_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    opened: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cancel_from: int | None = None
    cancelled: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SkippedOccurrence(TenantRow, table=True):
    """A time of a series at which nothing could be booked, and the code that says why."""

    __tablename__ = "skipped_occurrence"
    __table_args__ = (
        sa.UniqueConstraint("series_id", "position"),
        belongs_to("series_id", "booking_series"),
    )

    series_id: UUID
    position: int
    starts_at: datetime = Field(sa_type=UTC_TIME)
    code: str = Field(max_length=60)


class ReminderPreference(TenantRow, table=True):
    """How somebody wants to be reminded of bookings in a tenant. What is None is as the tenant has it; `email` false
    means not at all. Quiet hours are local times of `timezone`."""

    __tablename__ = "reminder_preference"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "account_id"),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours_have_an_end"),
    )

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    hours_before: list[int] | None = Field(default=None, sa_type=ARRAY(sa.Integer))
    email: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    timezone: str | None = Field(default=None, max_length=64)
    quiet_from: time | None = None
    quiet_until: time | None = None


class CalendarFeed(TenantRow, table=True):
    """The secret address at which a person's calendar reads its bookings: only what the secret hashes to (SHA-256) is
    kept, and a new one ends the old one."""

    __tablename__ = "calendar_feed"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "account_id"), sa.UniqueConstraint("secret_hash"))

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    secret_hash: str = Field(max_length=64)
