"""What an operator sees of a ticket in the Temporal UI."""

from datetime import datetime

from domain.tickets.rules import TicketStatus
from domain.tickets.state import TicketState
from workflows.parts.attributes import ASSIGNEE, PRIORITY, TEAM, Shown

WAITS_FOR = {
    TicketStatus.ANSWERED: "the customer's reply, or somebody to resolve it",
    TicketStatus.WAITING_FOR_RESPONSE: "the customer's reply",
    TicketStatus.ON_HOLD: "somebody to take it off hold",
    TicketStatus.RESOLVED: "time: it closes if the customer stays silent",
    TicketStatus.CLOSED: "the end of its reopen window",
}


def attributes(ticket: TicketState) -> Shown:
    """What tickets are found by besides what all cases are."""
    return {
        PRIORITY: ticket.priority,
        ASSIGNEE: str(ticket.assignee_id) if ticket.assignee_id else None,
        TEAM: str(ticket.group_id) if ticket.group_id else None,
    }


def due_as_shown_before(ticket: TicketState) -> datetime | None:
    """The service level's next moment, be it a warning."""
    return min((moment.moment.at for moment in ticket.moments), default=None)


def facts(ticket: TicketState) -> list[str]:
    """Its assignee, while it waits for the staff, and its priority, as lines of Markdown."""
    somebody = f"agent `{ticket.assignee_id}`" if ticket.assignee_id else "an agent: nobody has it yet"
    ours = [] if ticket.status in WAITS_FOR else [f"- **Waits for** {somebody}"]
    return [*ours, f"- **Priority** {ticket.priority}"]
