"""What can be booked: services, who does them and when, and codes that make them cheaper."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from models.base import UTC_TIME, TenantRow, belongs_to, referred_to


class Service(TenantRow, table=True):
    """A service, booked in its own `timezone`: windows (`weekday`, `opens`, `closes` in local minutes of the day),
    blackouts, and what it costs, in minor units of `currency`. The database refuses what makes no sense.

    `base_price` is for one booking, `hourly_price` for an hour of it instead. `peak` are windows with a surcharge in
    basis points; `emergency_bp` multiplies, 15,000 is half as much again. Without `auto_confirm` staff confirm each
    booking; with `check_in` who comes is checked in.
    """

    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.CheckConstraint("duration_minutes BETWEEN 5 AND 10080", name="duration_of_a_week_at_most"),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 10080", name="slots_of_a_week_at_most"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 10000", name="seats"),
        sa.CheckConstraint("buffer_before_minutes BETWEEN 0 AND 1440", name="buffer_before_of_a_day_at_most"),
        sa.CheckConstraint("buffer_after_minutes BETWEEN 0 AND 1440", name="buffer_after_of_a_day_at_most"),
        sa.CheckConstraint("daily_cap > 0", name="daily_cap_positive"),
        sa.CheckConstraint("(base_price IS NULL) <> (hourly_price IS NULL)", name="one_price"),
        sa.CheckConstraint("emergency_bp >= 10000", name="emergency_not_cheaper"),
        sa.CheckConstraint("base_price >= 0 AND hourly_price >= 0", name="price_not_negative"),
    )

    name: str = Field(max_length=100)
    description: str | None = None
    bookable: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    timezone: str = Field(max_length=64)
    duration_minutes: int
    slot_minutes: int
    capacity: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    min_notice_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    max_advance_days: int = Field(default=90, sa_column_kwargs={"server_default": "90"})
    daily_cap: int | None = None
    buffer_before_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    buffer_after_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    windows: list[dict[str, Any]] = Field(sa_type=JSONB)
    observes_holidays: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    blackouts: list[date] = Field(
        default_factory=list, sa_type=ARRAY(sa.Date), sa_column_kwargs={"server_default": sa.text("'{}'::date[]")}
    )
    booking_types: list[str] = Field(sa_type=JSONB)
    currency: str = Field(max_length=3)
    base_price: int | None = Field(default=None, sa_type=sa.BigInteger)
    hourly_price: int | None = Field(default=None, sa_type=sa.BigInteger)
    peak: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'[]'::jsonb")}
    )
    weekend_bp: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    weekend_days: list[int] = Field(
        default_factory=lambda: [5, 6],
        sa_type=ARRAY(sa.Integer),
        sa_column_kwargs={"server_default": sa.text("'{5,6}'::integer[]")},
    )
    emergency_bp: int = Field(default=10_000, sa_column_kwargs={"server_default": "10000"})
    auto_confirm: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    check_in: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class TeamMember(TenantRow, table=True):
    """Somebody of the tenant whom customers book, with working hours in the person's own `timezone`. One that is not
    `auto_assign` is booked by name only. Who is not `active` any more keeps the bookings that there are."""

    __tablename__ = "team_member"
    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "account_id"),
        sa.CheckConstraint("max_concurrent BETWEEN 1 AND 100", name="lanes"),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 1440", name="buffer_of_a_day_at_most"),
    )

    account_id: UUID = Field(foreign_key="account.id")
    name: str = Field(max_length=100)
    active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    timezone: str = Field(max_length=64)
    windows: list[dict[str, Any]] = Field(sa_type=JSONB)
    days_off: list[date] = Field(
        default_factory=list, sa_type=ARRAY(sa.Date), sa_column_kwargs={"server_default": sa.text("'{}'::date[]")}
    )
    max_concurrent: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    buffer_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    auto_assign: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class TeamMemberService(TenantRow, table=True):
    """Which services somebody does."""

    __tablename__ = "team_member_service"
    __table_args__ = (
        sa.UniqueConstraint("team_member_id", "service_id"),
        sa.Index(None, "service_id"),
        belongs_to("team_member_id", "team_member", ondelete="CASCADE"),
        belongs_to("service_id", "service"),
    )

    team_member_id: UUID
    service_id: UUID


class PromoCode(TenantRow, table=True):
    """A code that takes something off the price: `percent_bp` or `amount` in minor units of `currency`. `used` counts
    the bookings that have it; without `service_ids` it is for every service."""

    __tablename__ = "promo_code"
    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.CheckConstraint("(percent_bp IS NULL) <> (amount IS NULL)", name="percent_or_amount"),
        sa.CheckConstraint("percent_bp BETWEEN 1 AND 10000", name="percent"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("used BETWEEN 0 AND max_uses", name="uses"),
        sa.CheckConstraint("valid_from < valid_until", name="begins_before_it_ends"),
    )

    code: str = Field(max_length=40)
    percent_bp: int | None = None
    amount: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str | None = Field(default=None, max_length=3)
    valid_from: datetime | None = Field(default=None, sa_type=UTC_TIME)
    valid_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    max_uses: int | None = None
    used: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    service_ids: list[UUID] = Field(
        default_factory=list, sa_type=ARRAY(sa.Uuid), sa_column_kwargs={"server_default": sa.text("'{}'::uuid[]")}
    )
