"""Mails that came in: what each says, what has become of it and why."""

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col

from api.http.paging import PagingDep, order_of, page, page_of, sorts_by
from api.http.payloads import Page, UtcTime
from api.http.problems import not_found
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.message_schemas import MailDetailView, ReceivedMailView, ThreadEntryView
from api.mail.threads import thread_of
from domain.mail.states import MailState
from domain.people.permissions import Permission
from models.mail import Mail, MailPart

router = Router(prefix="/mail/messages", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.MAIL_READ))]
Word = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^\x00]*$")]

# The words of a whole page of mails would be megabytes.
_WITHOUT_WORDS = [
    defer(getattr(Mail, name))
    for name in ("text", "quoted", "html", "headers", "recipients", "tried", "rules", "score_because")
]


@router.get("")
async def list_mails(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    state: Annotated[list[MailState] | None, Query(description="Only these states.")] = None,
    account_id: Annotated[UUID | None, Query(description="Only those that came by this mailbox.")] = None,
    ticket_id: Annotated[UUID | None, Query(description="Only those of this ticket.")] = None,
    sender: Annotated[
        Word | None, Query(alias="from", description="Only those from this address, or a domain as `@acme.example`.")
    ] = None,
    q: Annotated[Word | None, Query(description="Letters of a subject, or of a sender's address or name.")] = None,
    received_from: Annotated[UtcTime | None, Query(description="Only those received then or later.")] = None,
    received_to: Annotated[UtcTime | None, Query(description="Only those received before.")] = None,
    sort: Annotated[str, sorts_by("received_at")] = "-received_at",
) -> Page[ReceivedMailView]:
    """The tenant's mails, newest first, without their words."""
    query = sa.select(Mail).options(*_WITHOUT_WORDS).where(col(Mail.tenant_id) == caller.tenant_id)
    if state:
        query = query.where(col(Mail.state).in_(state))
    if account_id:
        query = query.where(col(Mail.account_id) == account_id)
    if ticket_id:
        query = query.where(col(Mail.ticket_id) == ticket_id)
    if sender:
        query = query.where(_is_from(sender.lower()))
    if q:
        query = query.where(
            sa.or_(*(contains(each, q) for each in (Mail.subject, Mail.sender_address, Mail.sender_name)))
        )
    if received_from:
        query = query.where(col(Mail.received_at) >= received_from)
    if received_to:
        query = query.where(col(Mail.received_at) < received_to)
    order = order_of(sort, {"received_at": Mail.received_at}, Mail.id)
    async with page_of(service.database, caller.tenant_id, paging) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[ReceivedMailView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{mail_id}")
async def get_mail(mail_id: UUID, caller: Reader, service: Service) -> MailDetailView:
    """One mail: its words, the quote that was trimmed from them, HTML that is safe to show, attachments; and why it
    went where it did: what named a ticket, who the sender was found to be, and the parts of its score."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await mail_view(session, await find_mail(session, caller, mail_id))


@router.get("/{mail_id}/thread")
async def list_mail_thread(mail_id: UUID, caller: Reader, service: Service) -> list[ThreadEntryView]:
    """The mails of its conversation, oldest first: those that came in, and those that we have sent about its ticket."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await thread_of(session, await find_mail(session, caller, mail_id))


async def find_mail(session: AsyncSession, caller: Caller, mail_id: UUID, *, lock: bool = False) -> Mail:
    """The tenant's mail; with `lock` nobody else changes it until the transaction ends. Raises Problem 404."""
    query = sa.select(Mail).where(col(Mail.tenant_id) == caller.tenant_id, col(Mail.id) == mail_id)
    found: Mail | None = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise not_found("mail")
    return found


async def mail_view(session: AsyncSession, mail: Mail) -> MailDetailView:
    """The mail with all that is known of it."""
    parts = await session.scalars(
        sa.select(MailPart).where(col(MailPart.mail_id) == mail.id).order_by(col(MailPart.place))
    )
    return MailDetailView.whole(mail, list(parts))


def _is_from(sender: str) -> sa.ColumnElement[Any]:
    if sender.startswith("@"):
        return col(Mail.sender_address).endswith(sender, autoescape=True)
    return col(Mail.sender_address) == sender
