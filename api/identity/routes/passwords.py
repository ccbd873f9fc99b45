"""Resetting a forgotten password, and the first password of somebody who was invited."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit_account
from api.http.answered_once import AnsweredOnce
from api.http.client_address import Device, DeviceDep
from api.http.correlation import correlation_id
from api.http.problems import field_error
from api.http.rate_limits import NEW_PASSWORD, RESET, admit, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.asked_mail import mail_to_address
from api.identity.hashes import hash_password
from api.identity.invitations import accept_invitation
from api.identity.lockouts import forgive
from api.identity.mailed_tokens import read_token, require_unused, use_token
from api.identity.new_password import require_good, require_new, set_password, shows_password
from api.identity.schemas.login import AccountMailView, EmailBody, ResetPasswordBody
from api.identity.tokens import MailedClaims
from api.identity.turnstile import turnstile
from domain.cases import StepRef
from domain.people.accounts import SessionEnd, TokenPurpose
from models.people import Account
from models.sessions import LoginSession
from stores.account_mail import stage_account_mail
from stores.address_proof import empty_unproven, prove_address
from stores.sessions import end_sessions

router = Router(prefix="/auth/password", tags=["auth"], route_class=AnsweredOnce)

Service = Annotated[Services, Depends(services)]


@router.post("/reset-request", status_code=HTTPStatus.ACCEPTED, dependencies=[Depends(limited(RESET))])
async def request_password_reset(body: EmailBody, service: Service) -> AccountMailView:
    """Mails a token to the address, if it has an account; the answer is the same for every address."""
    await mail_to_address(
        service,
        body.email,
        "reset_password",
        TokenPurpose.RESET_PASSWORD,
        owed=lambda account: account.disabled_at is None,
    )
    return AccountMailView(email=body.email, detail="If this address has an account, we have sent it a mail.")


@router.post("/reset", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(turnstile)])
async def reset_password(body: ResetPasswordBody, device: DeviceDep, service: Service) -> None:
    """Sets the password by a mailed token, which also confirms the address, and ends every session of the account.

    With the token of an invitation it makes the account a member of the inviting tenant. An account that has a password
    and a confirmed address keeps its password, which must be sent here: 422 `password_wrong` for any other.
    """
    claims = read_token(service.tokens, body.token, TokenPurpose.RESET_PASSWORD, TokenPurpose.INVITATION)
    await admit(service, NEW_PASSWORD, claims.account_id)
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await require_unused(session, claims)
        account = await session.get_one(Account, claims.account_id)
    proven = account.email_verified_at is not None
    if claims.purpose is TokenPurpose.INVITATION and proven and account.password_hash:
        await _join(service, claims, account, body.password, device)
        return
    require_good(body.password)
    if proven:
        await require_new(service.database, claims.account_id, body.password)
    password_hash = await hash_password(body.password)
    mail = None
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await use_token(session, claims)
        await empty_unproven(session, claims.account_id)
        await set_password(session, claims.account_id, password_hash)
        await end_sessions(session, SessionEnd.PASSWORD, col(LoginSession.account_id) == claims.account_id)
        await forgive(session, await prove_address(session, claims.account_id))
        if claims.purpose is TokenPurpose.INVITATION:
            name = body.full_name
            await accept_invitation(session, claims.tenant_id, claims.account_id, newcomer=not proven, name=name)
        else:
            mail = await _tell_of_reset(session, claims)
            await audit_account(session, claims.tenant_id, claims.account_id, "password.reset")
    if mail:
        service.courier.send_soon(mail)


async def _join(service: Services, claims: MailedClaims, account: Account, password: str, device: Device) -> None:
    if not await shows_password(service, account, password, device):
        raise field_error("password", "password_wrong", "This is not the password of your account.")
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await use_token(session, claims)
        await accept_invitation(session, claims.tenant_id, claims.account_id, newcomer=False)


async def _tell_of_reset(session: AsyncSession, claims: MailedClaims) -> StepRef:
    return await stage_account_mail(
        session,
        tenant_id=claims.tenant_id,
        account_id=claims.account_id,
        template="password_reset",
        correlation_id=correlation_id(),
    )
