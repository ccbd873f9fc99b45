"""What every case leaves in the database: commands asked of it, events it recorded, and messages it owes people."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from domain.cases import ActorKind, CaseKind, CommandStatus, DeliveryStatus
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, open_enum_type


class CommandRow(SQLModel, table=True):
    """A change somebody asked for, written before the workflow is asked, so that none is forgotten.

    `arguments` holds ids, enums, amounts and times only; `reason` is a person's words and never leaves Postgres.
    The system's own steps leave one too, without an actor and done from the start. `asked_by` is the step of another
    case that asks, `depth` how many cases have asked each other up to here. `fault` is the type of the defect that
    keeps a pending one from being carried out; once that is mended nobody need ask again. `tries` counts how often a
    pending one was carried in vain, the last time at `put_off_at`.
    """

    __tablename__ = "command"
    __table_args__ = (
        sa.Index(
            "ix_command_pending", "tenant_id", "case_id", "created_at", postgresql_where=sa.text("status = 'pending'")
        ),
        sa.Index("ix_command_asked_by", "asked_by", postgresql_where=sa.text("asked_by IS NOT NULL")),
    )

    tenant_id: UUID = Field(foreign_key="tenant.id", primary_key=True)
    id: UUID = Field(primary_key=True)
    case_kind: CaseKind | None = Field(default=None, sa_type=open_enum_type(CaseKind))
    case_id: UUID | None = None
    kind: str = Field(max_length=60)
    arguments: dict[str, Any] = Field(sa_type=JSONB)
    reason: str | None = None
    actor_id: UUID | None = Field(default=None, foreign_key="account.id")
    correlation_id: str = Field(max_length=128)
    fingerprint: str = Field(max_length=64)
    status: CommandStatus = Field(default=CommandStatus.PENDING, sa_type=enum_type(CommandStatus))
    code: str | None = Field(default=None, max_length=60)
    detail: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    created_at: datetime = Field(sa_type=UTC_TIME)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    asked_by: UUID | None = None
    depth: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    fault: str | None = Field(default=None, max_length=60)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    put_off_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class EventRow(TenantRow, table=True):
    """One step of a case's timeline; the rows of a case, by version, are its whole story.

    Those of one customer, by `place`, are the customer's: what a step has caused comes after it, because it was asked
    for when that step was there already. Clocks of cases and machines may differ.
    """

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "version"),
        sa.UniqueConstraint("tenant_id", "command_id"),
        sa.Index("ix_event_of_customer", "tenant_id", "customer_id", "place", "id"),
        belongs_to("customer_id", "customer"),
    )

    case_kind: CaseKind = Field(sa_type=open_enum_type(CaseKind))
    case_id: UUID
    version: int
    kind: str = Field(max_length=60)
    actor_kind: ActorKind = Field(sa_type=enum_type(ActorKind))
    actor_id: UUID | None = Field(default=None, foreign_key="account.id")
    at: datetime = Field(sa_type=UTC_TIME)
    changes: dict[str, Any] = Field(sa_type=JSONB)
    reason: str | None = None
    correlation_id: str = Field(max_length=128)
    command_id: UUID
    customer_id: UUID | None = None
    place: int = Field(default=None, sa_type=sa.BigInteger, sa_column_args=(sa.Identity(),))


class DeliveryRow(TenantRow, table=True):
    """One message owed to one recipient on one channel, staged by the step that caused it: to an account, to a
    customer's own address, or to somebody from outside who takes part in a ticket.

    Without a case it is about the recipient's account, and the step is the request that caused it. While one that is
    `sending` has an `error_code`, it waits for its next attempt.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "step_id", "recipient_id", "channel", "template"),
        sa.UniqueConstraint("tenant_id", "step_id", "customer_id", "channel", "template"),
        sa.UniqueConstraint("tenant_id", "step_id", "participant_id", "channel", "template"),
        sa.CheckConstraint("num_nonnulls(recipient_id, customer_id, participant_id) = 1", name="one_recipient"),
        sa.Index(None, "case_id"),
        sa.Index(
            "ix_delivery_unsent",
            "tenant_id",
            "created_at",
            postgresql_where=sa.text("status IN ('pending', 'sending')"),
        ),
        belongs_to("customer_id", "customer"),
        belongs_to("participant_id", "ticket_participant"),
        sa.Index("ix_delivery_newest", "tenant_id", "created_at", "id"),
        sa.Index("ix_delivery_failed", "tenant_id", "created_at", "id", postgresql_where=sa.text("status = 'failed'")),
    )

    case_kind: CaseKind | None = Field(default=None, sa_type=open_enum_type(CaseKind))
    case_id: UUID | None = None
    step_id: UUID
    channel: str = Field(max_length=20)
    template: str = Field(max_length=60)
    recipient_id: UUID | None = Field(default=None, foreign_key="account.id")
    customer_id: UUID | None = None
    participant_id: UUID | None = None
    context: dict[str, Any] = Field(sa_type=JSONB)
    status: DeliveryStatus = Field(default=DeliveryStatus.PENDING, sa_type=enum_type(DeliveryStatus))
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    message_id: str | None = Field(default=None, max_length=200)
    error_code: str | None = Field(default=None, max_length=60)
    correlation_id: str = Field(max_length=128)
    due_at: datetime = Field(sa_type=UTC_TIME)
    claimed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class NumberCounter(SQLModel, table=True):
    """The last number given out in a series of a tenant, such as `TCK-20261120`."""

    __tablename__ = "number_counter"

    tenant_id: UUID = Field(foreign_key="tenant.id", primary_key=True)
    series: str = Field(max_length=40, primary_key=True)
    last: int
