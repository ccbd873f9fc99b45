"""Which tickets, messages and files of messages a caller may see."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.reader import Cases, RowsAs
from api.http.payloads import EventView
from api.identity.callers import Caller
from api.tickets.schemas import TicketPart, TicketView
from domain.cases import ActorKind, CaseKind
from domain.people.permissions import Permission
from domain.tickets.events import SHOWN_TO_CUSTOMERS
from models.tickets import Ticket, TicketMessage, TicketMessageFile
from stores.tickets.participants import addresses_of_outsiders


def _redact(event: EventView) -> None:
    """Customers do not read the staff's reasons."""
    if event.actor.kind != ActorKind.SYSTEM:
        event.reason = None


TICKETS = Cases(
    CaseKind.TICKET,
    Ticket,
    at="/tickets/{}",
    read_all=Permission.TICKETS_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    redact=_redact,
    views=RowsAs(TicketView),
)


async def add_parts(
    session: AsyncSession, caller: Caller, tickets: Sequence[TicketView], parts: Collection[TicketPart]
) -> None:
    """Adds to each ticket the parts that are asked for. Who takes part from outside is for staff."""
    if TicketPart.BODY in parts:
        await _add_bodies(session, tickets)
    if TicketPart.PARTICIPANTS in parts and caller.may(Permission.TICKETS_NOTE):
        await _add_participants(session, tickets)


async def _add_participants(session: AsyncSession, tickets: Sequence[TicketView]) -> None:
    found = await addresses_of_outsiders(session, [ticket.id for ticket in tickets])
    for ticket in tickets:
        ticket.participants = found.get(ticket.id, [])


async def _add_bodies(session: AsyncSession, tickets: Sequence[TicketView]) -> None:
    first = (
        sa.select(col(TicketMessage.ticket_id), col(TicketMessage.body))
        .distinct(col(TicketMessage.ticket_id))
        .where(
            col(TicketMessage.ticket_id).in_([ticket.id for ticket in tickets]),
            col(TicketMessage.posted_at).is_not(None),
        )
        .order_by(col(TicketMessage.ticket_id), col(TicketMessage.posted_at), col(TicketMessage.id))
    )
    bodies = {row.ticket_id: row.body for row in await session.execute(first)}
    for ticket in tickets:
        ticket.body = bodies.get(ticket.id)


def readable_messages(caller: Caller) -> sa.Select[TicketMessage]:
    """The messages that the caller may read on the tickets that it may see. Internal notes are for staff."""
    query = sa.select(TicketMessage).where(
        col(TicketMessage.tenant_id) == caller.tenant_id, col(TicketMessage.posted_at).is_not(None)
    )
    return query if caller.may(Permission.TICKETS_NOTE) else query.where(col(TicketMessage.internal).is_(False))


def owns_message_file(caller: Caller, file_id: UUID) -> sa.ColumnElement[bool]:
    """Whether the file came with a message that the caller may read."""
    if not caller.may(Permission.TICKETS_READ):
        return sa.false()
    return (
        readable_messages(caller)
        .join(TicketMessageFile, col(TicketMessageFile.message_id) == col(TicketMessage.id))
        .where(
            col(TicketMessageFile.file_id) == file_id,
            col(TicketMessage.ticket_id).in_(TICKETS.visible(caller).with_only_columns(col(Ticket.id))),
        )
        .exists()
    )
