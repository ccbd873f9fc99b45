"""What a tenant knows of addresses and whole domains: how they are listed, and at which mail does not arrive."""

import re
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import AfterValidator, StringConstraints
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.http.paging import PagingDep, order_of, page, page_of
from api.http.payloads import Page, Payload, View
from api.http.problems import not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.mail.listing import Listed
from domain.people.permissions import Permission
from models.mail import MailAddress

router = Router(prefix="/mail/addresses", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.MAIL_READ))]
Worker = Annotated[Caller, Depends(needs(Permission.MAIL_WORK))]

_ENTRY = re.compile(r"[!-?A-~]{0,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def _entry(text: str) -> str:
    entry = text.strip().lower()
    if not _ENTRY.fullmatch(entry):
        raise ValueError("must be an address as ada@acme.example, or a domain as @acme.example")
    return entry


Entry = Annotated[str, StringConstraints(max_length=320), AfterValidator(_entry)]


class Known(StrEnum):
    """For what an address is known."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    FORM = "form"
    UNDELIVERABLE = "undeliverable"


class ListAddressBody(Payload):
    address: Entry
    listed: Listed


class MailAddressView(View):
    """An address, or a domain as `@acme.example`: mail from a `blocked` one is spam, from an `allowed` one never, and
    mail from a `form` is its Reply-To's. One that is `undeliverable` is written to no more."""

    id: UUID
    address: str
    listed: Listed | None
    undeliverable_since: datetime | None
    undeliverable_status: str | None
    noted_by: UUID | None
    updated_at: datetime


@router.get("")
async def list_mail_addresses(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    known: Annotated[Known | None, Query(description="Only those that are known for this.")] = None,
) -> Page[MailAddressView]:
    """What is known of addresses, by address."""
    query = sa.select(MailAddress).where(col(MailAddress.tenant_id) == caller.tenant_id)
    if known is Known.UNDELIVERABLE:
        query = query.where(col(MailAddress.undeliverable_since).is_not(None))
    elif known:
        query = query.where(col(MailAddress.listed) == known)
    order = order_of("address", {"address": MailAddress.address}, MailAddress.id)
    async with page_of(service.database, caller.tenant_id, paging) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[MailAddressView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.put("")
async def list_mail_address(body: ListAddressBody, caller: Worker, service: Service) -> MailAddressView:
    """Lists an address, or a whole domain: whatever it was listed as before."""
    given: dict[str, Any] = {"listed": body.listed, "noted_by": caller.account_id, "updated_at": sa.func.now()}
    written = (
        insert(MailAddress)
        .values(id=uuid7(), tenant_id=caller.tenant_id, address=body.address, **given)
        .on_conflict_do_update(index_elements=["tenant_id", "address"], set_=given)
    )
    async with service.database.transaction(caller.tenant_id) as session:
        [address_id] = (await session.execute(written.returning(col(MailAddress.id)))).one()
        view = MailAddressView.model_validate(await session.get_one(MailAddress, address_id))
        await audit(session, caller, "mail_address.listed", "mail_address", address_id, {"listed": body.listed})
    return view


@router.delete("/{address_id}", status_code=HTTPStatus.NO_CONTENT)
async def clear_mail_address(address_id: UUID, caller: Worker, service: Service) -> None:
    """Forgets what is known of an address: it is listed no more, and is written to again."""
    async with service.database.transaction(caller.tenant_id) as session:
        row = await _find(session, caller, address_id)
        was = {"listed": row.listed, "undeliverable": row.undeliverable_since is not None}
        await session.delete(row)
        await session.flush()
        await audit(session, caller, "mail_address.cleared", "mail_address", address_id, was)


async def _find(session: AsyncSession, caller: Caller, address_id: UUID) -> MailAddress:
    row: MailAddress | None = await session.scalar(
        sa.select(MailAddress).where(col(MailAddress.tenant_id) == caller.tenant_id, col(MailAddress.id) == address_id)
    )
    if row is None:
        raise not_found("address")
    return row
