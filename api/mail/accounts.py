"""The mailboxes that a tenant's mail comes in by."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.account_changes import addresses_of, find, pause, resume, write_changes, write_new
from api.mail.account_schemas import CheckView, MailAccountBody, MailAccountChanges, MailAccountView
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailboxState
from domain.people.permissions import Permission
from models.mail import Mail, MailAccount
from stores.mail.secrets import Secrets

router = Router(prefix="/mail/accounts", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Manager = Annotated[Caller, Depends(needs(Permission.MAIL_MANAGE))]


@router.get("")
async def list_mail_accounts(caller: Manager, service: Service, paging: PagingDep) -> Page[MailAccountView]:
    """The tenant's mailboxes, by name, and how each stands."""
    order = order_of("name", {"name": MailAccount.name}, MailAccount.id)
    query = sa.select(MailAccount).where(col(MailAccount.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        addresses = await addresses_of(session, [row.id for row in rows])
    items = [MailAccountView.of(row, addresses[row.id]) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=MailAccountView)
async def create_mail_account(body: MailAccountBody, asked: AskingAnewDep, caller: Manager) -> Response:
    """Connects a mailbox, which is fetched from now on; 409 `address_taken` when another one has an address of it."""
    made: UUID | None = None

    async def create(session: AsyncSession) -> UUID:
        nonlocal made
        account_id = uuid7()
        await write_new(session, caller, account_id, body, _secrets(asked.services))
        await audit(session, caller, "mail_account.created", "mail_account", account_id, {"source": body.source})
        made = account_id
        return account_id

    async def read(session: AsyncSession, account_id: UUID) -> MailAccountView:
        return await _view(session, await find(session, caller, account_id))

    answer = await create_once(asked, caller, "mail_accounts.create", create=create, at="/mail/accounts/{}", read=read)
    if made is not None:
        asked.services.mailboxes.wake_soon(MailboxRef(caller.tenant_id, made), look=True)
    return answer


@router.get("/{mailbox_id}")
async def get_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> MailAccountView:
    """One mailbox, and how it stands."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await _view(session, await find(session, caller, mailbox_id))


@router.patch("/{mailbox_id}")
async def change_mail_account(
    mailbox_id: UUID, body: MailAccountChanges, caller: Manager, service: Service
) -> MailAccountView:
    """Changes what is given. 409 `address_taken`; 422 `secret_required` when it shall log in elsewhere with the secret
    of before."""
    async with service.database.transaction(caller.tenant_id) as session:
        account = await find(session, caller, mailbox_id, lock=True)
        fields = await write_changes(session, account, body, _secrets(service))
        await audit(session, caller, "mail_account.changed", "mail_account", mailbox_id, {"fields": fields})
        view = await _view(session, account)
    service.mailboxes.wake_soon(MailboxRef(caller.tenant_id, mailbox_id), look=True)
    return view


@router.delete("/{mailbox_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> None:
    """Forgets a mailbox by which no mail has come; 409 `mailbox_has_mail` otherwise: it can be paused."""
    async with service.database.transaction(caller.tenant_id) as session:
        account = await find(session, caller, mailbox_id, lock=True)
        if await session.scalar(sa.select(col(Mail.id)).where(col(Mail.account_id) == mailbox_id).limit(1)):
            raise conflict("mailbox_has_mail", "Mail has come by this mailbox. Pause it instead.")
        await session.delete(account)
        await session.flush()
        await audit(session, caller, "mail_account.deleted", "mail_account", mailbox_id)
    service.mailboxes.wake_soon(MailboxRef(caller.tenant_id, mailbox_id), look=True)


@router.post("/{mailbox_id}/test")
async def check_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> CheckView:
    """Tries the mailbox out within 15 seconds: a line for each step, from finding the server to a mail that is sent to
    the mailbox's address and arrives."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find(session, caller, mailbox_id)
        await audit(session, caller, "mail_account.checked", "mail_account", mailbox_id)
    return CheckView.of(await service.mailboxes.check(MailboxRef(caller.tenant_id, mailbox_id)))


@router.post("/{mailbox_id}/pause")
async def pause_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> MailAccountView:
    """Leaves the mailbox alone until it is resumed."""
    return await _set(mailbox_id, caller, service, pause, "mail_account.paused")


@router.post("/{mailbox_id}/resume")
async def resume_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> MailAccountView:
    """Has the mailbox fetched again, from where it was left, and at once also one that is failing."""
    return await _set(mailbox_id, caller, service, resume, "mail_account.resumed")


@router.post("/{mailbox_id}/sync", status_code=HTTPStatus.ACCEPTED)
async def sync_mail_account(mailbox_id: UUID, caller: Manager, service: Service) -> MailAccountView:
    """Has the mailbox looked at now; 409 `mailbox_paused` for one that is left alone."""
    async with service.database.transaction(caller.tenant_id) as session:
        account = await find(session, caller, mailbox_id)
        if account.state is MailboxState.PAUSED:
            raise conflict("mailbox_paused", "This mailbox is paused. Resume it first.")
        view = await _view(session, account)
    service.mailboxes.wake_soon(MailboxRef(caller.tenant_id, mailbox_id), look=True)
    return view


async def _set(
    mailbox_id: UUID, caller: Caller, service: Services, change: Callable[[MailAccount], None], action: str
) -> MailAccountView:
    async with service.database.transaction(caller.tenant_id) as session:
        account = await find(session, caller, mailbox_id, lock=True)
        change(account)
        await session.flush()
        await audit(session, caller, action, "mail_account", mailbox_id)
        view = await _view(session, account)
    service.mailboxes.wake_soon(MailboxRef(caller.tenant_id, mailbox_id), look=True)
    return view


async def _view(session: AsyncSession, account: MailAccount) -> MailAccountView:
    return MailAccountView.of(account, (await addresses_of(session, [account.id]))[account.id])


def _secrets(service: Services) -> Secrets:
    return Secrets.of(service.settings.secret_keys)
