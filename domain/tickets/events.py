"""What happens to a ticket, as its timeline names it."""

from enum import StrEnum


class TicketEvent(StrEnum):
    OPENED = "opened"
    CUSTOMER_REPLIED = "customer_replied"
    AGENT_REPLIED = "agent_replied"
    NOTE_ADDED = "note_added"
    AUTOMATIC_MAIL = "automatic_mail"
    DELIVERY_BOUNCED = "delivery_bounced"
    PARTICIPANTS_CHANGED = "participants_changed"
    STATUS_CHANGED = "status_changed"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    PRIORITY_CHANGED = "priority_changed"
    SERVICE_LEVEL_CHANGED = "service_level_changed"
    REMINDED = "reminded"
    RESOLVED_UNANSWERED = "resolved_unanswered"
    CLOSED = "closed"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"
    ESCALATED = "escalated"


_E = TicketEvent

SHOWN_TO_CUSTOMERS = frozenset(
    {
        *(_E.OPENED, _E.CUSTOMER_REPLIED, _E.AGENT_REPLIED, _E.STATUS_CHANGED, _E.PRIORITY_CHANGED),
        *(_E.SERVICE_LEVEL_CHANGED, _E.REMINDED, _E.RESOLVED_UNANSWERED, _E.CLOSED, _E.REOPENED, _E.ARCHIVED),
    }
)
"""The events that customers see: the staff's internal steps are not among them."""
