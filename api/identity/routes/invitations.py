"""The invitations that nobody has accepted yet."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.correlation import correlation_id
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.identity.grants import require_within
from api.identity.invitations import mail_invitation, rights
from api.identity.schemas.users import InvitationView
from domain.cases import StepRef
from domain.people.accounts import TokenPurpose
from domain.people.permissions import Permission
from models.people import Invitation, Role
from stores.account_mail import void_tokens

router = Router(prefix="/invitations", tags=["users"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.USERS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.USERS_WRITE))]


@router.get("")
async def list_invitations(caller: Reader, service: Service, paging: PagingDep) -> Page[InvitationView]:
    """The open invitations, in the order in which they were made with `POST /users`."""
    query = sa.select(Invitation).where(
        col(Invitation.tenant_id) == caller.tenant_id, col(Invitation.accepted_at).is_(None)
    )
    order = order_of("created_at", {"created_at": Invitation.created_at}, Invitation.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        items = await _views(session, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{invitation_id}")
async def get_invitation(invitation_id: UUID, caller: Reader, service: Service) -> InvitationView:
    """One invitation, until it is accepted."""
    async with service.database.transaction(caller.tenant_id) as session:
        return (await _views(session, [await _open(session, invitation_id)]))[0]


@router.post("/{invitation_id}/resend", response_model=InvitationView)
async def resend_invitation(invitation_id: UUID, asked: AskingAnewDep, caller: Writer) -> Response:
    """Mails an invitation once more, with a new token and all of its time: the token of the mail before opens nothing
    from then on."""
    mails: list[StepRef] = []

    async def resend(session: AsyncSession) -> UUID:
        invitation = await _open(session, invitation_id, lock=True)
        roles = await _require_within(session, caller, invitation)
        invitation.expires_at = datetime.now(UTC) + TokenPurpose.INVITATION.lifetime
        await session.flush()
        mails.append(await mail_invitation(session, caller.tenant_id, invitation.account_id, correlation_id()))
        offered = rights(roles, invitation.customer_id)
        await audit(session, caller, "user.invitation_resent", "invitation", invitation_id, offered)
        return invitation_id

    async def read(session: AsyncSession, found: UUID) -> InvitationView:
        return (await _views(session, [await _open(session, found)]))[0]

    success = HTTPStatus.OK
    answer = await create_once(asked, caller, "invitations.resend", create=resend, at=None, read=read, success=success)
    for mail in mails:
        asked.services.courier.send_soon(mail)
    return answer


@router.delete("/{invitation_id}", status_code=HTTPStatus.NO_CONTENT)
async def withdraw_invitation(invitation_id: UUID, caller: Writer, service: Service) -> None:
    """Takes an invitation back: its token opens nothing from then on."""
    async with service.database.transaction(caller.tenant_id) as session:
        invitation = await _open(session, invitation_id, lock=True)
        roles = await _require_within(session, caller, invitation)
        await void_tokens(session, invitation.account_id, TokenPurpose.INVITATION, tenant_id=caller.tenant_id)
        await session.delete(invitation)
        await session.flush()
        had = rights(roles, invitation.customer_id)
        await audit(session, caller, "user.invitation_withdrawn", "invitation", invitation_id, had)


async def _open(session: AsyncSession, invitation_id: UUID, *, lock: bool = False) -> Invitation:
    """The invitation, which nobody has accepted. Raises 404."""
    invitation = await session.get(Invitation, invitation_id, with_for_update=lock)
    if invitation is None or invitation.accepted_at:
        raise not_found("invitation")
    return invitation


async def _require_within(session: AsyncSession, caller: Caller, invitation: Invitation) -> Sequence[Role]:
    """The roles that it offers. Raises 403 `permission_not_held` when they give more than the caller has."""
    roles = (await session.scalars(sa.select(Role).where(col(Role.id).in_(invitation.role_ids)))).all()
    await require_within(session, caller, roles)
    return roles


async def _views(session: AsyncSession, invitations: Sequence[Invitation]) -> list[InvitationView]:
    keys = {role.id: role.key for role in await session.scalars(sa.select(Role))}
    return [
        InvitationView(
            id=row.id,
            email=row.email,
            full_name=row.full_name,
            roles=sorted(keys[role_id] for role_id in row.role_ids if role_id in keys),
            customer_id=row.customer_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row in invitations
    ]
