"""What people decide about a mail that came in."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import Asking, AskingAnewDep, create_once
from api.http.payloads import Payload
from api.http.problems import conflict, field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.message_schemas import MailDetailView
from api.mail.messages import find_mail, mail_view
from api.tickets.participants import too_many_participants
from api.tickets.views import TICKETS
from domain.mail.mailbox import MailboxRef
from domain.mail.settling import Deed, require_open
from domain.mail.states import MailState
from domain.people.permissions import Permission
from models.mail import Mail
from models.tickets import Ticket
from stores.files.storage import StorageAway
from stores.mail import settling
from stores.tickets.participants import MOST_PARTICIPANTS, outsiders

router = Router(prefix="/mail/messages/{mail_id}", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Worker = Annotated[Caller, Depends(needs(Permission.MAIL_WORK))]
Manager = Annotated[Caller, Depends(needs(Permission.MAIL_MANAGE))]

Deciding = Callable[[AsyncSession, Mail], Awaitable[None]]

log = structlog.get_logger(__name__)


class AcceptBody(Payload):
    """Into which ticket, else where it would have gone from a proven sender; and whether its sender takes part in that
    ticket from then on."""

    ticket_id: UUID | None = None
    add_participant: bool = False


@router.post("/spam", response_model=MailDetailView)
async def call_mail_spam(mail_id: UUID, asked: AskingAnewDep, caller: Worker) -> Response:
    """Says that a mail that is in no ticket is spam."""

    async def decide(session: AsyncSession, mail: Mail) -> None:
        await settling.spam(session, mail, datetime.now(UTC))

    return await _settle(asked, caller, mail_id, Deed.SPAM, decide)


@router.post("/not-spam", response_model=MailDetailView)
async def call_mail_no_spam(mail_id: UUID, asked: AskingAnewDep, caller: Worker) -> Response:
    """Says that a mail is no spam: it is decided about anew, as if nothing had spoken against it."""

    async def decide(session: AsyncSession, mail: Mail) -> None:
        await settling.not_spam(session, mail, caller.account_id)

    return await _settle(asked, caller, mail_id, Deed.NOT_SPAM, decide)


@router.post("/accept", response_model=MailDetailView)
async def accept_mail(mail_id: UUID, asked: AskingAnewDep, caller: Worker, body: AcceptBody | None = None) -> Response:
    """Lets a mail in that was held, or that a machine wrote, whoever it is from. 409 `too_many_participants` when its
    sender would be one outsider too many."""
    wanted = body or AcceptBody()

    async def decide(session: AsyncSession, mail: Mail) -> None:
        require_open(Deed.ACCEPT, mail.state)
        if wanted.ticket_id:
            await _check_ticket(session, caller, wanted.ticket_id, adds=wanted.add_participant)
        await settling.accept(
            session, mail, caller.account_id, ticket_id=wanted.ticket_id, add_participant=wanted.add_participant
        )

    return await _settle(asked, caller, mail_id, Deed.ACCEPT, decide)


@router.post("/reprocess", response_model=MailDetailView)
async def reprocess_mail(mail_id: UUID, asked: AskingAnewDep, caller: Worker) -> Response:
    """Reads a mail once more, and decides about it by today's rules: for one that could not be read, and for one that
    something was in the way of that is no more."""

    async def decide(session: AsyncSession, mail: Mail) -> None:
        if mail.raw_key is None:
            raise conflict("raw_mail_gone", "The bytes of this mail are not kept any more: nothing can be read again.")
        await settling.reprocess(session, mail)

    return await _settle(asked, caller, mail_id, Deed.REPROCESS, decide)


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
async def delete_mail(mail_id: UUID, caller: Manager, service: Service) -> None:
    """Takes the words and the bytes of a mail away for good; what it has written on a ticket stays there. That it came
    is still known, so that it does not come again."""
    async with service.database.transaction(caller.tenant_id) as session:
        mail = await find_mail(session, caller, mail_id, lock=True)
        raw_key = await settling.delete(session, mail, datetime.now(UTC))
        await audit(session, caller, "mail.deleted", "mail", mail_id)
    if raw_key is None:
        return
    try:
        await service.files.delete(raw_key)
    except StorageAway:
        log.warning("raw_mail_left_to_the_sweep", mail_id=str(mail_id))


async def _settle(asked: Asking, caller: Caller, mail_id: UUID, deed: Deed, decide: Deciding) -> Response:
    waits_in: MailboxRef | None = None

    async def create(session: AsyncSession) -> UUID:
        nonlocal waits_in
        mail = await find_mail(session, caller, mail_id, lock=True)
        was = {"was": mail.state, "held_for": mail.held_for}
        await decide(session, mail)
        await audit(session, caller, f"mail.{_DONE[deed]}", "mail", mail_id, was)
        waits_in = MailboxRef(mail.tenant_id, mail.account_id) if mail.state is MailState.RECEIVED else None
        return mail_id

    async def read(session: AsyncSession, found: UUID) -> MailDetailView:
        return await mail_view(session, await find_mail(session, caller, found))

    answer = await create_once(asked, caller, f"mail.{deed}", create=create, at=None, read=read, success=HTTPStatus.OK)
    if waits_in:
        asked.services.mailboxes.wake_soon(waits_in)
    return answer


_DONE = {
    Deed.SPAM: "called_spam",
    Deed.NOT_SPAM: "called_no_spam",
    Deed.ACCEPT: "accepted",
    Deed.REPROCESS: "reprocessed",
}


async def _check_ticket(session: AsyncSession, caller: Caller, ticket_id: UUID, *, adds: bool) -> None:
    if await session.scalar(TICKETS.visible(caller).where(col(Ticket.id) == ticket_id)) is None:
        raise field_error("ticket_id", "unknown", "There is no such ticket.")
    if adds and len(await outsiders(session, ticket_id)) >= MOST_PARTICIPANTS:
        raise too_many_participants()
