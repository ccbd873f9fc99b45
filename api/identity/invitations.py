"""Invitations: somebody who is invited becomes a member by using the token that was mailed, and not before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit_account
from api.http.problems import conflict
from domain.cases import StepRef
from domain.people.accounts import TokenPurpose
from models.people import Account, Invitation, Membership, Role
from stores.account_mail import stage_account_mail
from stores.accounts import add_member, find_or_make_account
from stores.address_proof import empty_unproven


async def invite(
    session: AsyncSession,
    tenant_id: UUID,
    *,
    email: str,
    full_name: str,
    role_ids: Sequence[UUID],
    customer_id: UUID | None = None,
    correlation_id: str,
) -> tuple[Invitation, StepRef]:
    """Writes an invitation and its mail. Raises 409 `already_member` for somebody who is a member or invited already.

    The answer says nothing about an account that the address may have elsewhere. An account whose address was never
    proven loses its password and sessions, so that only the reader of the mail can set the next one. The transaction
    works for the tenant.
    """
    account = await find_or_make_account(session, email, email.partition("@")[0])
    await _require_new(session, tenant_id, account.id)
    await empty_unproven(session, account.id)
    invitation = Invitation(
        tenant_id=tenant_id,
        account_id=account.id,
        email=email,
        full_name=full_name,
        role_ids=list(role_ids),
        customer_id=customer_id,
        expires_at=datetime.now(UTC) + TokenPurpose.INVITATION.lifetime,
    )
    session.add(invitation)
    await session.flush()
    return invitation, await mail_invitation(session, tenant_id, account.id, correlation_id)


async def mail_invitation(session: AsyncSession, tenant_id: UUID, account_id: UUID, correlation_id: str) -> StepRef:
    """Mails the token by which the account's open invitation to the tenant is accepted; an earlier one ends."""
    return await stage_account_mail(
        session,
        tenant_id=tenant_id,
        account_id=account_id,
        template="invitation",
        correlation_id=correlation_id,
        purpose=TokenPurpose.INVITATION,
    )


async def accept_invitation(
    session: AsyncSession, tenant_id: UUID, account_id: UUID, *, newcomer: bool, name: str | None = None
) -> None:
    """Makes the invited account a member. A `newcomer`, whose account nobody has used yet, gets the `name`, else that
    of the invitation.

    The transaction works for the tenant and the account. It does nothing when there is no open invitation.
    """
    invitation = await session.scalar(
        sa.select(Invitation)
        .where(
            col(Invitation.tenant_id) == tenant_id,
            col(Invitation.account_id) == account_id,
            col(Invitation.accepted_at).is_(None),
        )
        .with_for_update()
    )
    if invitation is None:
        return
    invitation.accepted_at = datetime.now(UTC)
    if newcomer:
        await session.execute(
            sa.update(Account)
            .where(col(Account.id) == account_id)
            .values(full_name=name or invitation.full_name)
            .execution_options(synchronize_session=False)
        )
    roles = (await session.scalars(sa.select(Role).where(col(Role.id).in_(invitation.role_ids)))).all()
    await add_member(session, tenant_id, account_id, [role.id for role in roles], invitation.customer_id)
    await audit_account(session, tenant_id, account_id, "user.joined", rights(roles, invitation.customer_id))


def rights(roles: Sequence[Role], customer_id: UUID | None) -> dict[str, Any]:
    """What the audit keeps of an invitation: the roles and the customer that it offers."""
    return {"roles": sorted(role.key for role in roles), "customer_id": customer_id}


async def _require_new(session: AsyncSession, tenant_id: UUID, account_id: UUID) -> None:
    now = datetime.now(UTC)
    here = (col(Invitation.tenant_id) == tenant_id, col(Invitation.account_id) == account_id)
    await session.execute(
        sa.delete(Invitation)
        .where(*here, col(Invitation.accepted_at).is_(None), col(Invitation.expires_at) <= now)
        .execution_options(synchronize_session=False)
    )
    there = sa.union_all(
        sa.select(col(Invitation.id)).where(*here, col(Invitation.accepted_at).is_(None)),
        sa.select(col(Membership.id)).where(
            col(Membership.tenant_id) == tenant_id, col(Membership.account_id) == account_id
        ),
    )
    if await session.scalar(there):
        raise conflict("already_member", "This person belongs to the tenant already, or is invited to it.")
