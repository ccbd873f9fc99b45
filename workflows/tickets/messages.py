"""What a ticket's workflow is started with and asked.

In a file of its own that the sandbox passes through: decoders are then built once for a class, not once for a workflow.
"""

from dataclasses import dataclass
from uuid import UUID

from activities.tickets.clocks import TicketMoment
from activities.tickets.step import TicketState
from domain.tickets.rules import TicketPriority, TicketStatus
from workflows.parts.case import CarriedCase
from workflows.parts.command import Command


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


@dataclass(frozen=True)
class Carried:
    """What a run hands to the next when it continues as new."""

    case: CarriedCase
    ticket: TicketState
    moments: tuple[TicketMoment, ...]


@dataclass(frozen=True)
class TicketStart:
    """`new` when the first command opens the ticket; otherwise the run begins from its row, or from what is carried."""

    tenant_id: UUID
    case_id: UUID
    new: bool = False
    carried: Carried | None = None
