"""A forgotten password, and the first one of who was invited."""

from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from sqlmodel import col

from api.audit.entries import audit_account
from api.http.answered_once import AnsweredOnce
from api.http.correlation import correlation_id
from api.http.rate_limits import RESET, limited
from api.http.services import Services, services
from api.identity.hashes import hash_password
from api.identity.lockouts import forgive
from api.identity.mailed_tokens import read_token, require_unused, use_token
from api.identity.new_password import require_good, require_new, set_password
from api.identity.schemas.login import AccountMailView, EmailBody, ResetPasswordBody
from api.identity.sessions import end_sessions, find_membership
from domain.people.accounts import SessionEnd, TokenPurpose
from models.database import look_as
from models.people import Account
from models.sessions import LoginSession
from stores.account_mail import stage_account_mail

router = APIRouter(prefix="/auth/password", tags=["auth"], route_class=AnsweredOnce)

Service = Annotated[Services, Depends(services)]


@router.post("/reset-request", status_code=HTTPStatus.ACCEPTED, dependencies=[Depends(limited(RESET))])
async def request_reset(body: EmailBody, service: Service) -> AccountMailView:
    """Mails a token to the address, if it has an account; the answer is the same for every address."""
    mail = None
    async with service.database.transaction(login_email=body.email) as session:
        account = await session.scalar(
            sa.select(Account).where(col(Account.email) == body.email, col(Account.disabled_at).is_(None))
        )
        if account:
            await look_as(session, account_id=account.id)
            if membership := await find_membership(session, account.id):
                await look_as(session, tenant_id=membership.tenant_id)
                mail = await stage_account_mail(
                    session,
                    tenant_id=membership.tenant_id,
                    account_id=account.id,
                    template="reset_password",
                    correlation_id=correlation_id(),
                    purpose=TokenPurpose.RESET_PASSWORD,
                )
    if mail:
        service.courier.send_soon(mail)
    return AccountMailView(email=body.email, detail="If this address has an account, we have sent it a mail.")


@router.post("/reset", status_code=HTTPStatus.NO_CONTENT)
async def reset_password(body: ResetPasswordBody, service: Service) -> None:
    """Sets the password by a mailed token, which also confirms the address, and ends every session of the account."""
    claims = read_token(service.tokens, body.token, TokenPurpose.RESET_PASSWORD, TokenPurpose.INVITATION)
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await require_unused(session, claims)
    require_good(body.password)
    await require_new(service.database, claims.account_id, body.password)
    password_hash = await hash_password(body.password)
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await use_token(session, claims)
        await set_password(session, claims.account_id, password_hash)
        email = await session.scalar(
            sa.update(Account)
            .where(col(Account.id) == claims.account_id)
            .values(email_verified_at=sa.func.coalesce(col(Account.email_verified_at), sa.func.now()))
            .returning(col(Account.email))
            .execution_options(synchronize_session=False)
        )
        await end_sessions(session, SessionEnd.PASSWORD, col(LoginSession.account_id) == claims.account_id)
        await forgive(session, str(email))
        await audit_account(session, claims.tenant_id, claims.account_id, "password.reset")
