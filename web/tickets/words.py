"""What states, priorities and steps of a ticket are called: by staff, and by customers, who learn no inner words."""

from domain.cases import CaseEvent
from domain.tickets.events import TicketEvent
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.policy import ClockKind


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_S, _P, _E = TicketStatus, TicketPriority, TicketEvent

STATES = {
    _S.OPEN: _("Open"),
    _S.IN_PROGRESS: _("In progress"),
    _S.ANSWERED: _("Answered"),
    _S.WAITING_FOR_RESPONSE: _("Waiting for the customer"),
    _S.ON_HOLD: _("On hold"),
    _S.RESOLVED: _("Resolved"),
    _S.CLOSED: _("Closed"),
}
STATES_TOLD = {
    _S.OPEN: _("In work"),
    _S.IN_PROGRESS: _("In work"),
    _S.ANSWERED: _("Answered"),
    _S.WAITING_FOR_RESPONSE: _("Waits for you"),
    _S.ON_HOLD: _("In work"),
    _S.RESOLVED: _("Done"),
    _S.CLOSED: _("Closed"),
}
MARKS = {
    _S.OPEN: "open",
    _S.IN_PROGRESS: "open",
    _S.ANSWERED: "met",
    _S.WAITING_FOR_RESPONSE: "still",
    _S.ON_HOLD: "still",
    _S.RESOLVED: "met",
    _S.CLOSED: "plain",
}
PRIORITIES = {_P.LOW: _("Low"), _P.MEDIUM: _("Medium"), _P.HIGH: _("High"), _P.URGENT: _("Urgent")}
ORDERS = {
    "due_at": _("What is due first"),
    "-updated_at": _("What changed last"),
    "created_at": _("The oldest first"),
}
"""The orders of the list beside its own, which begins with the newest."""
PRIORITY_MARKS = {_P.LOW: "", _P.MEDIUM: "", _P.HIGH: "soon", _P.URGENT: "late"}
CLOCKS = {
    ClockKind.FIRST_RESPONSE: _("First response"),
    ClockKind.NEXT_RESPONSE: _("Next response"),
    ClockKind.RESOLUTION: _("Resolution"),
}
STEPS = {
    _E.OPENED: _("Opened"),
    _E.CUSTOMER_REPLIED: _("The customer replied"),
    _E.AGENT_REPLIED: _("Answered"),
    _E.NOTE_ADDED: _("A note was written"),
    _E.AUTOMATIC_MAIL: _("An automatic mail came"),
    _E.DELIVERY_BOUNCED: _("A mail of ours did not arrive"),
    _E.PARTICIPANTS_CHANGED: _("Who takes part has changed"),
    _E.STATUS_CHANGED: _("The state changed"),
    _E.ASSIGNED: _("Assigned"),
    _E.TRANSFERRED: _("Handed to another group"),
    _E.PRIORITY_CHANGED: _("The priority changed"),
    _E.SERVICE_LEVEL_CHANGED: _("What is promised changed"),
    _E.REMINDED: _("The customer was reminded"),
    _E.RESOLVED_UNANSWERED: _("Resolved, because no answer came"),
    _E.CLOSED: _("Closed"),
    _E.REOPENED: _("Opened again"),
    _E.ARCHIVED: _("Put away for good"),
    _E.SLA_WARNED: _("Warned: a promise is about to be late"),
    _E.SLA_BREACHED: _("A promise was broken"),
    _E.ESCALATED: _("Escalated"),
    CaseEvent.DEADLINE_REFUSED: _("Could not go on by itself"),
    CaseEvent.NOT_UNDONE: _("Something could not be undone"),
    CaseEvent.IMPORTED: _("Taken over from before"),
}
STEPS_OF_MESSAGES = frozenset({_E.OPENED, _E.CUSTOMER_REPLIED, _E.AGENT_REPLIED, _E.NOTE_ADDED, _E.AUTOMATIC_MAIL})
"""Those that the conversation shows by the message itself."""
WHYS = {
    "opened": _("opened"),
    "replied": _("answered"),
    "customer replied": _("the customer replied"),
    "open": _("open"),
    "in_progress": _("in progress"),
    "answered": _("answered"),
    "waiting_for_response": _("waiting for the customer"),
    "on_hold": _("on hold"),
    "resolved": _("resolved"),
    "closed": _("closed"),
    "priority changed": _("the priority changed"),
    "service level changed": _("what is promised changed"),
}
"""Why a clock ran or stopped, by the word that it keeps of it."""
