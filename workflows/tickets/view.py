"""What an operator sees of a ticket in the Temporal UI."""

from datetime import datetime
from typing import Any
from uuid import UUID

from temporalio.common import SearchAttributeUpdate

from activities.tickets.step import TicketState
from domain.tickets.rules import TicketStatus
from workflows.parts.case import ASSIGNEE, CASE_STATUS, DUE_AT, PRIORITY, TEAM, TENANT
from workflows.parts.deadline import Deadline

_WAITS_FOR = {
    TicketStatus.ANSWERED: "the customer's reply, or somebody to resolve it",
    TicketStatus.WAITING_FOR_RESPONSE: "the customer's reply",
    TicketStatus.ON_HOLD: "somebody to take it off hold",
    TicketStatus.RESOLVED: "time: it closes if the customer stays silent",
    TicketStatus.CLOSED: "the end of its reopen window",
}


def search_attributes(
    tenant_id: UUID, ticket: TicketState, due_at: datetime | None
) -> list[SearchAttributeUpdate[Any]]:
    """What tickets are found by; `due_at` is the service level's next moment in UTC."""
    return [
        CASE_STATUS.value_set(ticket.status),
        TENANT.value_set(str(tenant_id)),
        PRIORITY.value_set(ticket.priority),
        ASSIGNEE.value_set(str(ticket.assignee_id)) if ticket.assignee_id else ASSIGNEE.value_unset(),
        TEAM.value_set(str(ticket.group_id)) if ticket.group_id else TEAM.value_unset(),
        DUE_AT.value_set(due_at) if due_at else DUE_AT.value_unset(),
    ]


def details(ticket: TicketState, version: int, last_step: str, deadline: Deadline | None) -> str:
    """Status, who it waits for, the last step and the next deadline, in Markdown."""
    somebody = f"agent `{ticket.assignee_id}`" if ticket.assignee_id else "an agent: nobody has it yet"
    lines = [
        f"### {ticket.number}: {ticket.status.replace('_', ' ')}",
        f"- **Since** {ticket.status_since:%Y-%m-%d %H:%M} UTC",
        f"- **Waits for** {_WAITS_FOR.get(ticket.status, somebody)}",
        f"- **Priority** {ticket.priority}",
        f"- **Last step** {last_step.replace('_', ' ')} (version {version})",
    ]
    if deadline:
        lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
    return "\n".join(lines)
