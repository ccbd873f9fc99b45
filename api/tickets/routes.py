"""Tickets: reading them, and the commands that move them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, cast
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import Asking, AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reader import answer
from api.cases.reading import add_timeline
from api.cases.writing import Content
from api.files.attachments import attach
from api.http.openapi import MAY_WAIT
from api.http.paging import PagingDep, page, page_of
from api.http.payloads import OptionalReasonBody, Page, ReasonBody
from api.http.problems import field_error
from api.http.rate_limits import OPENING
from api.http.references import require_there
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.filters import TicketFilters
from api.tickets.messages import message_of
from api.tickets.schemas import (
    AssignBody,
    ClockView,
    EditTicketBody,
    OpenTicketBody,
    PriorityBody,
    StatusBody,
    TicketPart,
    TicketView,
    TransferBody,
)
from api.tickets.views import TICKETS, add_parts
from domain.cases import require_version
from domain.people.permissions import Permission
from domain.tickets.sla.report import report
from models.people import Customer, Membership, MembershipRole, Role, RolePermission
from models.plain import insert_of
from models.round_trips import send_with_next
from models.tickets import AgentGroup, Ticket, TicketCategory, TicketMessage, TicketMessageFile
from stores.tickets.clocks import stored_clocks
from stores.tickets.service_levels import ServiceLevels

router = Router(prefix="/tickets", tags=["tickets"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TICKETS_READ))]
Worker = Annotated[Caller, Depends(needs(Permission.TICKETS_WORK))]
Assigner = Annotated[Caller, Depends(needs(Permission.TICKETS_ASSIGN))]

Include = Annotated[
    list[TicketPart] | None,
    Query(
        description="Adds the `body` with which each was opened, or the addresses of the `participants` from outside, "
        "which take a query more each."
    ),
]

_levels = ServiceLevels()


@router.post("", status_code=HTTPStatus.CREATED, response_model=TicketView, dependencies=OPENING, responses=MAY_WAIT)
async def open_ticket(
    body: OpenTicketBody,
    asked: AskingAnewDep,
    caller: Annotated[Caller, Depends(needs(Permission.TICKETS_OPEN))],
) -> Response:
    """Opens a ticket: its number and both due times are in the answer."""
    ticket_id, message_id = uuid7(), uuid7()

    def rows(customer_id: UUID, requester_id: UUID) -> tuple[Ticket, TicketMessage]:
        ticket = Ticket(
            id=ticket_id,
            tenant_id=caller.tenant_id,
            subject=body.subject,
            priority=body.priority,
            customer_id=customer_id,
            requester_id=requester_id,
            category_id=body.category_id,
        )
        return ticket, message_of(message_id, ticket_id, caller, body.body)

    async def content(session: AsyncSession) -> None:
        whose = await _for_others(session, caller, body.customer_id) if for_others else _for_itself(caller, body)
        await require_there(session, caller.tenant_id, TicketCategory, body.category_id, "category_id")
        for row in rows(*whose):
            send_with_next(session, insert_of(row))
        await attach(session, caller, TicketMessageFile, body.file_ids, message_id=message_id)

    for_others = caller.may(Permission.TICKETS_OPEN_FOR_OTHERS)
    looks_up = for_others or body.category_id or body.file_ids
    return await ask_to_open(
        asked,
        caller,
        TICKETS,
        ticket_id,
        {"message_id": message_id},
        content=content if looks_up else rows(*_for_itself(caller, body)),
    )


@router.get("")
async def list_tickets(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    filters: Annotated[TicketFilters, Depends()],
    include: Include = None,
) -> Page[TicketView]:
    """The tickets that the caller may see, newest first unless sorted otherwise."""
    query = filters.of(caller)
    database, tenant_id = service.database, caller.tenant_id
    async with database.transaction(tenant_id) if include else page_of(database, tenant_id, paging) as session:
        rows, cursor, total = await page(session, query, filters.order, paging)
        tickets = [TicketView.model_validate(row) for row in rows]
        await add_parts(session, caller, tickets, include or ())
    return Page(items=tickets, next_cursor=cursor, total=total)


@router.get("/{ticket_id}", response_model=TicketView, summary="Get ticket")
async def get_ticket(ticket_id: UUID, caller: Reader, service: Service, include: Include = None) -> Response:
    """One of them, as it is now; `ETag` says which version that is."""
    ticket = cast(TicketView, await TICKETS.read(service.database, caller, ticket_id))
    if include:
        async with service.database.transaction(caller.tenant_id) as session:
            await add_parts(session, caller, [ticket], include)
    return answer(ticket)


add_timeline(router, TICKETS, Permission.TICKETS_READ, "ticket_id")


@router.patch("/{ticket_id}", response_model=TicketView)
async def edit_ticket(
    ticket_id: UUID,
    body: EditTicketBody,
    asked: AskingDep,
    caller: Annotated[Caller, Depends(needs(Permission.TICKETS_EDIT))],
) -> Response:
    """Changes what the ticket is about. Another category may bring another service level: the workflow looks again."""

    async def content(session: AsyncSession) -> None:
        ticket = await TICKETS.find(session, caller, ticket_id)
        require_version(asked.expected_version, ticket.version)
        given = body.model_dump(exclude_unset=True)
        if "subject" in given and body.subject is None:
            raise field_error("subject", "invalid", "A ticket has a subject.")
        await require_there(session, caller.tenant_id, TicketCategory, body.category_id, "category_id")
        if given:
            await session.execute(sa.update(Ticket).where(col(Ticket.id) == ticket_id).values(**given))
            await audit(session, caller, "ticket.edited", "ticket", ticket_id, {"fields": sorted(given)})

    if "category_id" in body.model_fields_set:
        return await ask_about(asked, caller, TICKETS, ticket_id, "refresh_service_level", check=content)
    async with asked.services.database.transaction(caller.tenant_id) as session:
        await content(session)
        return answer(TicketView.model_validate(await TICKETS.find(session, caller, ticket_id)))


@router.post("/{ticket_id}/status", response_model=TicketView)
async def set_ticket_status(ticket_id: UUID, body: StatusBody, asked: AskingDep, caller: Worker) -> Response:
    """Sets the state."""
    return await _command(asked, caller, ticket_id, "set_status", {"status": body.status}, body.reason)


@router.post("/{ticket_id}/assign", response_model=TicketView)
async def assign_ticket(ticket_id: UUID, body: AssignBody, asked: AskingDep, caller: Assigner) -> Response:
    """Gives the ticket to one of the staff, or to nobody."""

    async def check(session: AsyncSession) -> None:
        if body.assignee_id and not await _works_on_tickets(session, body.assignee_id):
            raise field_error("assignee_id", "assignee_unknown", "Nobody of the staff has this id.")

    return await _command(asked, caller, ticket_id, "assign", {"assignee_id": body.assignee_id}, check=check)


@router.post("/{ticket_id}/transfer", response_model=TicketView)
async def transfer_ticket(ticket_id: UUID, body: TransferBody, asked: AskingDep, caller: Assigner) -> Response:
    """Hands the ticket to another group, or to none."""

    async def check(session: AsyncSession) -> None:
        await require_there(session, caller.tenant_id, AgentGroup, body.group_id, "group_id")

    return await _command(asked, caller, ticket_id, "transfer", {"group_id": body.group_id}, check=check)


@router.post("/{ticket_id}/priority", response_model=TicketView)
async def set_ticket_priority(ticket_id: UUID, body: PriorityBody, asked: AskingDep, caller: Worker) -> Response:
    """Sets the priority; the clocks keep what they have consumed."""
    return await _command(asked, caller, ticket_id, "set_priority", {"priority": body.priority})


@router.post("/{ticket_id}/close", response_model=TicketView)
async def close_ticket(
    ticket_id: UUID,
    asked: AskingDep,
    caller: Annotated[Caller, Depends(needs(Permission.TICKETS_REPLY))],
    body: OptionalReasonBody | None = None,
) -> Response:
    """Closes the ticket: for staff any, for customers their own, when they need no answer any more."""
    return await _command(asked, caller, ticket_id, "close", {}, body.reason if body else None)


@router.post("/{ticket_id}/reopen", response_model=TicketView)
async def reopen_ticket(
    ticket_id: UUID,
    body: ReasonBody,
    asked: AskingDep,
    caller: Annotated[Caller, Depends(needs(Permission.TICKETS_REOPEN))],
) -> Response:
    """Opens a resolved ticket again, or a closed one within the reopen window."""
    return await _command(asked, caller, ticket_id, "reopen", {}, body.reason)


@router.get("/{ticket_id}/sla")
async def get_ticket_service_level(ticket_id: UUID, caller: Reader, service: Service) -> list[ClockView]:
    """The ticket's clocks, and in plain words why each is due when it is. Empty when nothing was promised."""
    async with service.database.transaction(caller.tenant_id) as session:
        ticket = await TICKETS.find(session, caller, ticket_id)
        clocks = await stored_clocks(session, ticket_id)
        if clocks is None or ticket.sla_terms_id is None:
            return []
        terms = await _levels.terms(session, ticket.sla_terms_id)
    # A case whose clock was moved forward (`casewright fast-forward`) is ahead of the real time.
    now = max(datetime.now(UTC), ticket.updated_at)
    return [ClockView.model_validate(clock) for clock in report(clocks, terms.policy, terms.calendar, now)]


async def _command(
    asked: Asking,
    caller: Caller,
    ticket_id: UUID,
    update: str,
    arguments: dict[str, Any],
    reason: str | None = None,
    check: Content | None = None,
) -> Response:
    return await ask_about(asked, caller, TICKETS, ticket_id, update, arguments, reason=reason, check=check)


def _for_itself(caller: Caller, body: OpenTicketBody) -> tuple[UUID, UUID]:
    """The customer of a new ticket, and who of it is written to, where a customer opens it."""
    if body.customer_id not in (None, caller.customer_id):
        raise field_error("customer_id", "unknown", "You open tickets for the customer that you speak for only.")
    return caller.own_customer(), caller.account_id


async def _for_others(session: AsyncSession, caller: Caller, customer_id: UUID | None) -> tuple[UUID, UUID]:
    """As `_for_itself`, where staff open it."""
    if customer_id is None:
        raise field_error("customer_id", "missing", "Name the customer that the ticket is for.")
    await require_there(session, caller.tenant_id, Customer, customer_id, "customer_id")
    contact = await session.scalar(
        sa.select(col(Membership.account_id))
        .where(col(Membership.customer_id) == customer_id)
        .order_by(col(Membership.created_at), col(Membership.id))
        .limit(1)
    )
    return customer_id, contact or caller.account_id


async def _works_on_tickets(session: AsyncSession, account_id: UUID) -> bool:
    found = await session.scalar(
        sa.select(col(Membership.id))
        .join(MembershipRole, col(MembershipRole.membership_id) == col(Membership.id))
        .join(Role, col(Role.id) == col(MembershipRole.role_id))
        .join(RolePermission, col(RolePermission.role_id) == col(Role.id))
        .where(col(Membership.account_id) == account_id, col(RolePermission.permission) == Permission.TICKETS_WORK)
        .limit(1)
    )
    return found is not None
