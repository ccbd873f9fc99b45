"""What the pages of a ticket show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.cases.names import Names, find_names
from api.http.payloads import EventView
from api.tickets.messages import list_ticket_messages
from api.tickets.routes import get_ticket_service_level
from api.tickets.schemas import ClockView, MessageView, TicketView
from api.tickets.views import TICKETS
from domain.people.permissions import Permission
from domain.tickets.events import TicketEvent
from domain.tickets.rules import TRANSITIONS, TicketStatus
from web.cases.strips import Strip, strip_of
from web.http.reading import ALL_AT_ONCE, read, see, told
from web.http.visits import Visit
from web.tickets.promises import promised, why
from web.tickets.viewing import whom_of
from web.tickets.words import STEPS, STEPS_OF_MESSAGES


@dataclass(frozen=True)
class Said:
    """Something in the conversation: a message, or a step in between."""

    at: datetime
    message: MessageView | None = None
    step: EventView | None = None


@dataclass(frozen=True)
class TicketPage:
    """One ticket with all that its page shows of it; `whom` it can be given to."""

    ticket: TicketView
    said: Sequence[Said]
    strips: Sequence[Strip]
    names: Names
    whom: Names

    @property
    def last_of_customer(self) -> MessageView | None:
        """What the customer wrote last."""
        return next((each.message for each in reversed(self.said) if each.message and each.message.from_customer), None)

    @property
    def next_due(self) -> Strip | None:
        """The promise that is due first."""
        running = [(strip.clock.due_at, strip) for strip in self.strips if strip.running and strip.clock.due_at]
        return min(running, key=lambda each: each[0], default=(None, None))[1]

    @property
    def states(self) -> list[TicketStatus]:
        """What it may become next."""
        return [status for status in TicketStatus if status in TRANSITIONS[self.ticket.status]]

    def states_said(self, names: Mapping[TicketStatus, str]) -> dict[TicketStatus, str]:
        """What it is and may become, by what that is called."""
        return {status: names[status] for status in (self.ticket.status, *self.states)}


async def ticket_page(visit: Visit, ticket_id: UUID) -> TicketPage:
    """The page of a ticket. Raises 404 for one that the visitor cannot see."""
    ticket: TicketView = await see(visit, TICKETS, Permission.TICKETS_READ, ticket_id)
    messages = await read(visit, list_ticket_messages, ticket_id=ticket_id, paging=ALL_AT_ONCE)
    events = await told(visit, TICKETS, ticket_id)
    clocks = await read(visit, get_ticket_service_level, ticket_id=ticket_id)
    whom = await whom_of(visit) if visit.caller.may(Permission.TICKETS_ASSIGN) else Names()
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people={message.author_id for message in messages.items}
        | {event.actor.id for event in events}
        | {ticket.assignee_id, ticket.requester_id},
        customers=[ticket.customer_id],
        groups=[ticket.group_id],
        categories=[ticket.category_id],
    )
    strips = [strip for clock in clocks if (strip := _strip(visit, clock))]
    return TicketPage(ticket, _conversation(messages.items, events), strips, names, whom)


def _strip(visit: Visit, clock: ClockView) -> Strip | None:
    whys = [why(visit, segment.why) for segment in clock.segments]
    return strip_of(clock, promised(visit, clock), whys, visit.now)


def _conversation(messages: Sequence[MessageView], events: Sequence[EventView]) -> list[Said]:
    said = [Said(message.posted_at, message=message) for message in messages]
    said += [Said(event.at, step=event) for event in events if _is_a_step(event)]
    return sorted(said, key=lambda each: each.at)


def _is_a_step(event: EventView) -> bool:
    if event.kind in STEPS_OF_MESSAGES:
        return event.kind != TicketEvent.OPENED and event.changes.get("status") not in (None, TicketStatus.ANSWERED)
    return event.kind in STEPS
