"""Logging in."""

from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from sqlmodel import col

from api.audit import audit_login, audit_refused_login
from api.passwords import verify_password
from api.problems import Problem
from api.schemas.auth import LoginBody, TokenView
from api.services import Services, services
from api.tokens import ACCESS_LIFETIME, AccessClaims
from models.people import Account, Membership
from models.tenant import Tenant

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login")
async def login(body: LoginBody, service: Annotated[Services, Depends(services)]) -> TokenView:
    """Gives an access token for the account in one of its tenants: the one named, else its first."""
    email = body.email.lower()
    async with service.database.transaction(login_email=email) as session:
        account = await session.scalar(
            sa.select(Account).where(col(Account.email) == email, col(Account.disabled_at).is_(None))
        )
    valid, better_hash = await verify_password(body.password, account.password_hash if account else None)
    if not valid or account is None:
        code = "unknown_account" if account is None else "wrong_password"
        await audit_refused_login(service, account.id if account else None, body.tenant, code)
        raise _refused()
    async with service.database.transaction(account_id=account.id) as session:
        if better_hash:
            await session.execute(
                sa.update(Account).where(col(Account.id) == account.id).values(password_hash=better_hash)
            )
        memberships = (
            sa.select(col(Membership.tenant_id))
            .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
            .where(col(Membership.account_id) == account.id)
            .order_by(col(Membership.created_at), col(Membership.id))
        )
        if body.tenant:
            memberships = memberships.where(col(Tenant.slug) == body.tenant)
        tenant_id = await session.scalar(memberships.limit(1))
    if tenant_id is None:
        await audit_refused_login(service, account.id, body.tenant, "no_membership")
        raise _refused()
    await audit_login(service, tenant_id, account.id)
    token = service.tokens.issue(AccessClaims(account.id, tenant_id))
    return TokenView(access_token=token, expires_in=int(ACCESS_LIFETIME.total_seconds()))


def _refused() -> Problem:
    # One answer for all of it: nobody learns here which addresses have an account.
    return Problem(HTTPStatus.UNAUTHORIZED, "login_refused", "E-mail, password or tenant are not right.")
