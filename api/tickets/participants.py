"""Who takes part in a ticket from outside: they get its public answers by mail, and may write on it by mail."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import Asking, AskingDep, ask
from api.cases.writing import Content
from api.http.openapi import MAKES_ELSEWHERE
from api.http.payloads import Payload, View
from api.http.problems import Problem, conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.identity.schemas.people import Email, OneLine
from api.tickets.views import TICKETS
from domain.cases import require_version
from domain.people.permissions import Permission
from models.cases import CommandRow
from models.mail import MailAccountAddress, TicketParticipant
from models.people import Account
from models.tickets import Ticket
from stores.mail.locks import lock_ticket
from stores.tickets.participants import MOST_PARTICIPANTS, outsiders

router = Router(prefix="/tickets/{ticket_id}/participants", tags=["tickets"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TICKETS_NOTE))]
Worker = Annotated[Caller, Depends(needs(Permission.TICKETS_WORK))]


class ParticipantBody(Payload):
    address: Email
    name: OneLine | None = None


class ParticipantView(View):
    """Somebody who takes part from outside; `added_by` is none for one whom the requester has copied."""

    id: UUID
    address: str
    name: str
    added_by: UUID | None
    created_at: datetime


@router.get("")
async def list_ticket_participants(ticket_id: UUID, caller: Reader, service: Service) -> list[ParticipantView]:
    """Those to whom a public answer goes besides the requester, at most ten."""
    async with service.database.transaction(caller.tenant_id) as session:
        await TICKETS.find(session, caller, ticket_id)
        return [ParticipantView.model_validate(each) for each in await outsiders(session, ticket_id)]


@router.post("", status_code=HTTPStatus.CREATED, response_model=ParticipantView, responses=MAKES_ELSEWHERE)
async def add_ticket_participant(ticket_id: UUID, body: ParticipantBody, asked: AskingDep, caller: Worker) -> Response:
    """Has somebody take part from now on. 409 `takes_part_already` for who does, and `too_many_participants` for an
    eleventh."""

    async def content(session: AsyncSession) -> dict[str, Any]:
        ticket = await TICKETS.find_asked(session, caller, ticket_id)
        require_version(asked.expected_version, ticket.version)
        await lock_ticket(session, ticket_id)
        await _check(session, ticket, body.address)
        return {"added": [str(await _enter(session, caller, ticket_id, body))]}

    return await _change(asked, caller, ticket_id, content, "added", HTTPStatus.CREATED)


@router.delete("/{participant_id}", response_model=ParticipantView)
async def remove_ticket_participant(
    ticket_id: UUID, participant_id: UUID, asked: AskingDep, caller: Worker
) -> Response:
    """Has somebody take part no longer: what they write from now on opens a ticket of their own."""

    async def content(session: AsyncSession) -> dict[str, Any]:
        ticket = await TICKETS.find_asked(session, caller, ticket_id)
        require_version(asked.expected_version, ticket.version)
        removed = await session.scalar(
            sa.update(TicketParticipant)
            .where(
                col(TicketParticipant.ticket_id) == ticket_id,
                col(TicketParticipant.id) == participant_id,
                col(TicketParticipant.removed_at).is_(None),
            )
            .values(removed_at=datetime.now(UTC))
            .returning(col(TicketParticipant.id))
            .execution_options(synchronize_session=False)
        )
        if removed is None:
            raise not_found("participant")
        return {"removed": [str(participant_id)]}

    return await _change(asked, caller, ticket_id, content, "removed", HTTPStatus.OK)


async def _change(
    asked: Asking, caller: Caller, ticket_id: UUID, content: Content, what: str, success: HTTPStatus
) -> Response:
    async def read(session: AsyncSession, command: CommandRow) -> ParticipantView:
        [participant_id] = command.arguments[what]
        return ParticipantView.model_validate(await session.get_one(TicketParticipant, UUID(participant_id)))

    at = f"{TICKETS.address(ticket_id)}/participants"
    return await ask(
        asked,
        caller,
        TICKETS,
        ticket_id,
        "change_participants",
        content=content,
        read=read,
        success=success,
        at=(lambda _: at) if success is HTTPStatus.CREATED else None,
    )


async def _check(session: AsyncSession, ticket: Ticket, address: str) -> None:
    """Raises Problem for an address at which nobody can take part any more than now."""
    if await session.scalar(sa.select(col(MailAccountAddress.id)).where(col(MailAccountAddress.address) == address)):
        raise field_error("address", "own_address", "This is the address of one of your own mailboxes.")
    requester = await session.get(Account, ticket.requester_id)
    there = await outsiders(session, ticket.id)
    if (requester and requester.email == address) or address in (each.address for each in there):
        raise conflict("takes_part_already", "Whoever has this address takes part in the ticket already.")
    if len(there) >= MOST_PARTICIPANTS:
        raise too_many_participants()


async def _enter(session: AsyncSession, caller: Caller, ticket_id: UUID, body: ParticipantBody) -> UUID:
    """Writes the row of who takes part, anew for one who did before."""
    given = {"name": body.name or "", "added_by": caller.account_id}
    written = (
        insert(TicketParticipant)
        .values(id=uuid7(), tenant_id=caller.tenant_id, ticket_id=ticket_id, address=body.address, **given)
        .on_conflict_do_update(index_elements=["ticket_id", "address"], set_=given | {"removed_at": None})
    )
    [participant_id] = (await session.execute(written.returning(col(TicketParticipant.id)))).one()
    return UUID(str(participant_id))


def too_many_participants() -> Problem:
    """409: one more from outside may not take part."""
    return conflict("too_many_participants", f"At most {MOST_PARTICIPANTS} from outside take part in a ticket.")
