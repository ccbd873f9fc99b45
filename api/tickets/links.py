"""Tickets that belong together: a mail has opened the one although it named the other."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.payloads import View
from api.http.problems import not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.views import TICKETS
from domain.people.permissions import Permission
from domain.tickets.rules import TicketStatus
from models.mail import TicketLink
from models.tickets import Ticket

router = Router(prefix="/tickets/{ticket_id}/links", tags=["tickets"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TICKETS_NOTE))]
Worker = Annotated[Caller, Depends(needs(Permission.TICKETS_WORK))]

_MOST_LINKS = 100


class LinkedTicketView(View):
    """The other ticket of a link."""

    id: UUID
    number: str
    subject: str
    status: TicketStatus


class TicketLinkView(View):
    """A link of a ticket. A `suggested` one waits for somebody to say whether it is right."""

    id: UUID
    suggested: bool
    ticket: LinkedTicketView


@router.get("")
async def list_ticket_links(ticket_id: UUID, caller: Reader, service: Service) -> list[TicketLinkView]:
    """The tickets that this one is linked to, from either side, newest first."""
    async with service.database.transaction(caller.tenant_id) as session:
        await TICKETS.find(session, caller, ticket_id)
        rows = (await session.execute(_links(ticket_id).limit(_MOST_LINKS))).all()
    return [_view(row) for row in rows]


@router.post("/{link_id}/confirm", response_model=TicketLinkView)
async def confirm_ticket_link(ticket_id: UUID, link_id: UUID, asked: AskingAnewDep, caller: Worker) -> Response:
    """Says that a suggested link is right."""

    async def confirm(session: AsyncSession) -> UUID:
        link = await _find(session, caller, ticket_id, link_id)
        if link.suggested:
            link.suggested = False
            await session.flush()
            await audit(session, caller, "ticket_link.confirmed", "ticket_link", link_id)
        return link_id

    async def read(session: AsyncSession, found: UUID) -> TicketLinkView:
        row = (await session.execute(_links(ticket_id).where(col(TicketLink.id) == found))).one_or_none()
        if row is None:
            raise not_found("link")
        return _view(row)

    return await create_once(
        asked, caller, "ticket_link.confirm", create=confirm, at=None, read=read, success=HTTPStatus.OK
    )


@router.delete("/{link_id}", status_code=HTTPStatus.NO_CONTENT)
async def drop_ticket_link(ticket_id: UUID, link_id: UUID, caller: Worker, service: Service) -> None:
    """Takes a link away, of both its tickets."""
    async with service.database.transaction(caller.tenant_id) as session:
        link = await _find(session, caller, ticket_id, link_id)
        await session.delete(link)
        await session.flush()
        await audit(session, caller, "ticket_link.dropped", "ticket_link", link_id, {"suggested": link.suggested})


def _links(ticket_id: UUID) -> sa.Select[Any]:
    other = sa.case((col(TicketLink.ticket_id) == ticket_id, col(TicketLink.other_id)), else_=TicketLink.ticket_id)
    columns: Sequence[Any] = (Ticket.id, Ticket.number, Ticket.subject, Ticket.status)
    return (
        sa.select(col(TicketLink.id).label("link_id"), col(TicketLink.suggested), *columns)
        .join(Ticket, col(Ticket.id) == other)
        .where(_of(ticket_id), col(Ticket.version) > 0)
        .order_by(col(TicketLink.created_at).desc(), col(TicketLink.id))
    )


def _of(ticket_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(col(TicketLink.ticket_id) == ticket_id, col(TicketLink.other_id) == ticket_id)


async def _find(session: AsyncSession, caller: Caller, ticket_id: UUID, link_id: UUID) -> TicketLink:
    await TICKETS.find(session, caller, ticket_id)
    link: TicketLink | None = await session.scalar(
        sa.select(TicketLink).where(col(TicketLink.id) == link_id, _of(ticket_id)).with_for_update()
    )
    if link is None:
        raise not_found("link")
    return link


def _view(row: Any) -> TicketLinkView:
    ticket = LinkedTicketView(id=row.id, number=row.number, subject=row.subject, status=row.status)
    return TicketLinkView(id=row.link_id, suggested=row.suggested, ticket=ticket)
