"""Tickets and what belongs to them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.tickets.rules import TicketPriority, TicketStatus
from models.base import (
    UTC_TIME,
    RequestRow,
    TenantRow,
    belongs_to,
    enum_type,
    found,
    listed,
    numbered,
    referred_to,
    waiting,
)

# Of a ticket that is not resolved: the first answer while it is owed, and the resolution. A clock that stands still is
# due at no time. Written as Postgres writes it, so that models and schema can be compared.
_NEXT_DUE = (
    "CASE WHEN status::text = 'resolved'::text OR status::text = 'closed'::text THEN NULL::timestamp with time zone "
    "ELSE LEAST(CASE WHEN first_responded_at IS NULL THEN first_response_due_at "
    "ELSE NULL::timestamp with time zone END, "
    "resolution_due_at) END"
)

_LATE = "first_response_breached_at IS NOT NULL OR resolution_breached_at IS NOT NULL"


class Ticket(RequestRow, table=True):
    """A ticket as people read it; `due_at` is when the next thing that was promised is due."""

    __table_args__ = (
        *numbered(),
        listed("ix_ticket_newest"),
        found("ticket", "subject"),
        waiting("ticket", "status <> 'closed'"),
        listed("ix_ticket_by_status", "status"),
        listed("ix_ticket_by_customer", "customer_id"),
        listed("ix_ticket_late", where=f"version > 0 AND ({_LATE})"),
        sa.Index("ix_ticket_by_terms", "sla_terms_id", postgresql_where=sa.text("status <> 'closed'")),
        listed("ix_ticket_by_assignee", "assignee_id", where="version > 0 AND assignee_id IS NOT NULL"),
        sa.Index(
            "ix_ticket_due",
            "tenant_id",
            "due_at",
            "id",
            postgresql_where=sa.text("version > 0 AND due_at IS NOT NULL"),
        ),
        belongs_to("customer_id", "customer"),
        belongs_to("group_id", "agent_group"),
        belongs_to("category_id", "ticket_category"),
        belongs_to("sla_terms_id", "sla_terms"),
        referred_to(),
    )

    subject: str = Field(max_length=200)
    status: TicketStatus = Field(default=TicketStatus.OPEN, sa_type=enum_type(TicketStatus))
    priority: TicketPriority = Field(default=TicketPriority.MEDIUM, sa_type=enum_type(TicketPriority))
    assignee_id: UUID | None = Field(default=None, foreign_key="account.id")
    group_id: UUID | None = None
    category_id: UUID | None = None
    sla_terms_id: UUID | None = None
    reminders_sent: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    first_response_due_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    resolution_due_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    first_responded_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    resolved_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    archived_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    first_response_breached_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    resolution_breached_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    due_at: datetime | None = Field(
        default=None, sa_column=sa.Column(UTC_TIME, sa.Computed(_NEXT_DUE, persisted=True), nullable=True)
    )


TICKET_FOUND = sa.table(
    "ticket_found",
    *(sa.column(name, sa.Uuid) for name in ("id", "customer_id")),
    *(sa.column(name, sa.Text) for name in ("number", "subject")),
    sa.column("created_at", UTC_TIME),
)
"""The tenant's tickets as the search sees them: the same rows, of which it may use the index on letters."""


class TicketMessage(TenantRow, table=True):
    """What somebody wrote on a ticket; it counts once the workflow has taken it (`posted_at`)."""

    __tablename__ = "ticket_message"
    __table_args__ = (
        sa.Index(None, "ticket_id", "posted_at", "id"),
        belongs_to("ticket_id", "ticket"),
        referred_to(),
    )

    ticket_id: UUID
    author_id: UUID = Field(foreign_key="account.id")
    from_customer: bool
    internal: bool = False
    body: str
    posted_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class TicketMessageFile(TenantRow, table=True):
    """A file that came with a message, at its place among the others; it counts once the message does."""

    __tablename__ = "ticket_message_file"
    __table_args__ = (
        sa.UniqueConstraint("file_id"),
        sa.UniqueConstraint("message_id", "position"),
        belongs_to("message_id", "ticket_message"),
        belongs_to("file_id", "file"),
    )

    message_id: UUID
    file_id: UUID
    position: int


class TicketCategory(TenantRow, table=True):
    """What a ticket is about; it may choose the service level."""

    __tablename__ = "ticket_category"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        belongs_to("sla_policy_id", "sla_policy"),
        referred_to(),
    )

    name: str = Field(max_length=100)
    sla_policy_id: UUID | None = None


class AgentGroup(TenantRow, table=True):
    """A team of agents that tickets can be handed to."""

    __tablename__ = "agent_group"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        referred_to(),
    )

    name: str = Field(max_length=100)


class AgentGroupMember(TenantRow, table=True):
    __tablename__ = "agent_group_member"
    __table_args__ = (
        sa.UniqueConstraint("group_id", "membership_id"),
        belongs_to("group_id", "agent_group", ondelete="CASCADE"),
        belongs_to("membership_id", "membership", ondelete="CASCADE"),
    )

    group_id: UUID
    membership_id: UUID
