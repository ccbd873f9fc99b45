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
    """`receipt` says whether the requester is told that it has come, `participants` who takes part from now on."""

    message_id: UUID
    receipt: bool = True
    participants: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PostMessage(Command):
    """One that is `automatic` was written by a machine: it changes nothing, and is internal. One that `reopens` opens a
    closed ticket again, while that may be. `participants` are those who take part from now on."""

    message_id: UUID
    from_customer: bool
    internal: bool = False
    status: TicketStatus | None = None
    automatic: bool = False
    reopens: bool = False
    participants: tuple[UUID, ...] = ()


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


@dataclass(frozen=True, kw_only=True)
class NoteBounce(Command):
    """A message of the ticket could not be delivered."""

    delivery_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChangeParticipants(Command):
    """Who takes part from now on, and who no longer does, by the ids of their rows."""

    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
