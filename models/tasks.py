"""The inbox: what waits for a person, whatever case it belongs to, and what was decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.cases import CaseKind
from domain.tasks.rules import Decision, TaskKind, TaskStatus
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, open_enum_type, referred_to


class TaskRow(TenantRow, table=True):
    """A task as people read it in the inbox; its case's workflow opens it and decides what becomes of it.

    `approvals`, `excluded`, `form` and `moments` are what the workflow needs to take up the task again.
    """

    __tablename__ = "task"
    __table_args__ = (
        sa.CheckConstraint("(status = 'pending') = (settled_at IS NULL)", name="settled_once_over"),
        sa.Index("ix_task_by_due", "tenant_id", "due_at", "id", postgresql_where=sa.text("status = 'pending'")),
        sa.Index(
            "ix_task_by_assignee",
            "tenant_id",
            "assignee_id",
            postgresql_where=sa.text("status = 'pending' AND assignee_id IS NOT NULL"),
        ),
        sa.Index(None, "tenant_id", "opened_at", "id"),
        sa.Index(None, "case_id", "status"),
        sa.Index(
            "ix_task_waiting", "tenant_id", "opened_at", "case_id", postgresql_where=sa.text("status = 'pending'")
        ),
        sa.Index("ix_task_asking", "tenant_id", "case_kind", "case_id", postgresql_where=sa.text("status = 'pending'")),
        belongs_to("customer_id", "customer"),
        referred_to(),
    )

    case_kind: CaseKind = Field(sa_type=open_enum_type(CaseKind))
    case_id: UUID
    case_number: str = Field(max_length=32)
    customer_id: UUID | None = None
    kind: TaskKind = Field(sa_type=open_enum_type(TaskKind))
    about: str | None = Field(default=None, max_length=60)
    title: str = Field(max_length=200)
    status: TaskStatus = Field(default=TaskStatus.PENDING, sa_type=enum_type(TaskStatus))
    role: str = Field(max_length=40)
    assignee_id: UUID | None = Field(default=None, foreign_key="account.id")
    requested_by: UUID | None = Field(default=None, foreign_key="account.id")
    permission: str | None = Field(default=None, max_length=60)
    decisions: list[str] = Field(sa_type=JSONB)
    approvals_needed: int
    approvals: list[str] = Field(sa_type=JSONB)
    excluded: list[str] = Field(sa_type=JSONB)
    form: list[dict[str, Any]] = Field(sa_type=JSONB)
    moments: list[dict[str, Any]] = Field(sa_type=JSONB)
    opened_at: datetime = Field(sa_type=UTC_TIME)
    due_at: datetime = Field(sa_type=UTC_TIME)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    decision: Decision | None = Field(default=None, sa_type=enum_type(Decision))
    decided_by: UUID | None = Field(default=None, foreign_key="account.id")
    reason: str | None = Field(default=None, max_length=1000)


class TaskDecision(TenantRow, table=True):
    """What one person decided, with their words; it counts once the workflow has taken it (`taken_at`)."""

    __tablename__ = "task_decision"
    __table_args__ = (
        sa.Index(None, "task_id", "taken_at"),
        belongs_to("task_id", "task"),
    )

    task_id: UUID
    account_id: UUID = Field(foreign_key="account.id")
    decision: Decision = Field(sa_type=enum_type(Decision))
    reason: str | None = Field(default=None, max_length=1000)
    fields: dict[str, Any] = Field(sa_type=JSONB)
    taken_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
