"""Service levels: calendars, policies, the terms that tickets were promised, and the clocks that run on each ticket."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.tickets.sla.clock import ClockState
from domain.tickets.sla.clocks import MomentKind
from domain.tickets.sla.policy import ClockKind
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, referred_to


class Calendar(TenantRow, table=True):
    """The opening hours of a tenant."""

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        referred_to(),
    )

    name: str = Field(max_length=100)
    timezone: str = Field(max_length=64)
    always_open: bool = False
    windows: list[dict[str, Any]] = Field(sa_type=JSONB)
    holiday_country: str | None = Field(default=None, max_length=2)
    holidays_added: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    holidays_removed: list[str] = Field(default_factory=list, sa_type=JSONB)


class SlaPolicy(TenantRow, table=True):
    """What a tenant promises per priority."""

    __tablename__ = "sla_policy"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        sa.Index("uq_sla_policy_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
        belongs_to("calendar_id", "calendar"),
        referred_to(),
    )

    name: str = Field(max_length=100)
    calendar_id: UUID
    is_default: bool = False
    targets: dict[str, Any] = Field(sa_type=JSONB)
    warn_percent: int
    escalations: list[dict[str, Any]] = Field(sa_type=JSONB)


class SlaTerms(TenantRow, table=True):
    """A policy and its calendar as they stood at one time. Never changed: a later change makes new terms.

    So a ticket's clocks count past time by the calendar that was in force when it passed.
    """

    __tablename__ = "sla_terms"
    __table_args__ = (
        sa.Index("uq_sla_terms_current", "policy_id", unique=True, postgresql_where=sa.text("current")),
        belongs_to("policy_id", "sla_policy", ondelete="CASCADE"),
        referred_to(),
    )

    policy_id: UUID
    current: bool = True
    policy: dict[str, Any] = Field(sa_type=JSONB)
    calendar: dict[str, Any] = Field(sa_type=JSONB)


class SlaClock(TenantRow, table=True):
    """One run of one clock of a ticket."""

    __tablename__ = "sla_clock"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "kind", "run"),
        belongs_to("ticket_id", "ticket"),
    )

    ticket_id: UUID
    kind: ClockKind = Field(sa_type=enum_type(ClockKind))
    run: int
    state: ClockState = Field(sa_type=enum_type(ClockState))
    clock: dict[str, Any] = Field(sa_type=JSONB)


class SlaBreach(TenantRow, table=True):
    """A warning or a breach, once for each run of a clock: when it was due, and when it was recorded."""

    __tablename__ = "sla_breach"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "kind", "run", "what"),
        belongs_to("ticket_id", "ticket"),
    )

    ticket_id: UUID
    kind: ClockKind = Field(sa_type=enum_type(ClockKind))
    run: int
    what: MomentKind = Field(sa_type=enum_type(MomentKind))
    due_at: datetime = Field(sa_type=UTC_TIME)
    at: datetime = Field(sa_type=UTC_TIME)
