"""The commands of a ticket.

They have a file of their own, which the sandbox passes through, so that their decoders are built once per class and not
once per workflow.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.tickets.rules import TicketPriority, TicketStatus
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenTicket(Command):
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class PostMessage(Command):
    message_id: UUID
    from_customer: bool
    internal: bool = False
    status: TicketStatus | None = None


@dataclass(frozen=True, kw_only=True)
class SetStatus(Command):
    status: TicketStatus


@dataclass(frozen=True, kw_only=True)
class Assign(Command):
    assignee_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Transfer(Command):
    group_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SetPriority(Command):
    priority: TicketPriority
