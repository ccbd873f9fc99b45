"""What is written on tickets: reading it, and writing more."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingDep, ask
from api.files.attachments import attach, message_view, message_views
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import Problem, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.schemas import MessageBody, MessageView
from api.tickets.views import TICKETS, readable_messages
from domain.people.permissions import Permission
from domain.tickets import rules
from domain.tickets.rules import TicketStatus
from models.cases import CommandRow
from models.plain import insert_of
from models.round_trips import send_with_next
from models.tickets import TicketMessage, TicketMessageFile

router = Router(prefix="/tickets/{ticket_id}/messages", tags=["tickets"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TICKETS_READ))]


@router.get("")
async def list_ticket_messages(
    ticket_id: UUID, caller: Reader, service: Service, paging: PagingDep
) -> Page[MessageView]:
    """What was written on a ticket, oldest first. Internal notes are for staff."""
    query = readable_messages(caller).where(col(TicketMessage.ticket_id) == ticket_id)
    order = order_of("posted_at", {"posted_at": TicketMessage.posted_at}, TicketMessage.id)
    async with service.database.transaction(caller.tenant_id) as session:
        await TICKETS.find(session, caller, ticket_id)
        rows, cursor, total = await page(session, query, order, paging)
        views = await message_views(session, rows)
    return Page(items=views, next_cursor=cursor, total=total)


@router.get("/{message_id}")
async def get_ticket_message(ticket_id: UUID, message_id: UUID, caller: Reader, service: Service) -> MessageView:
    """One message."""
    this = (col(TicketMessage.ticket_id) == ticket_id, col(TicketMessage.id) == message_id)
    async with service.database.transaction(caller.tenant_id) as session:
        await TICKETS.find(session, caller, ticket_id)
        message = await session.scalar(readable_messages(caller).where(*this))
        if message is None:
            raise not_found("message")
        return (await message_views(session, [message]))[0]


@router.post("", status_code=HTTPStatus.CREATED, response_model=MessageView)
async def post_ticket_message(
    ticket_id: UUID,
    body: MessageBody,
    asked: AskingDep,
    caller: Annotated[Caller, Depends(needs(Permission.TICKETS_REPLY))],
) -> Response:
    """Writes on a ticket: a customer's reply opens it again, a public one of staff answers it."""
    from_customer = not caller.may(Permission.TICKETS_WORK)
    if from_customer and (body.internal or body.status):
        raise Problem(HTTPStatus.FORBIDDEN, "forbidden", "Notes and states are for staff.")
    message_id = uuid7()

    async def content(session: AsyncSession) -> None:
        ticket = await TICKETS.find_asked(session, caller, ticket_id)
        if ticket.status is TicketStatus.CLOSED and not body.internal:
            raise rules.closed()
        send_with_next(
            session, insert_of(message_of(message_id, ticket_id, caller, body.body, from_customer, body.internal))
        )
        await attach(session, caller, TicketMessageFile, body.file_ids, message_id=message_id)

    async def read(session: AsyncSession, command: CommandRow) -> MessageView:
        return await message_view(session, UUID(command.arguments["message_id"]))

    arguments = {
        "message_id": message_id,
        "from_customer": from_customer,
        "internal": body.internal,
        "status": body.status,
    }
    return await ask(
        asked,
        caller,
        TICKETS,
        ticket_id,
        "post_message",
        arguments,
        content=content,
        read=read,
        glance=True,
        success=HTTPStatus.CREATED,
        at=lambda command: f"{TICKETS.address(ticket_id)}/messages/{command.arguments['message_id']}",
    )


def message_of(
    message_id: UUID, ticket_id: UUID, caller: Caller, body: str, from_customer: bool = True, internal: bool = False
) -> TicketMessage:
    """The row of what somebody writes on a ticket."""
    return TicketMessage(
        id=message_id,
        tenant_id=caller.tenant_id,
        ticket_id=ticket_id,
        author_id=caller.account_id,
        from_customer=from_customer,
        internal=internal,
        body=body,
    )
