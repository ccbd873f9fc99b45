"""Registering as a customer, and confirming one's e-mail address."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit_account
from api.http.answered_once import AnsweredOnce
from api.http.correlation import correlation_id
from api.http.problems import field_error
from api.http.rate_limits import REGISTER, RESEND, limited
from api.http.services import Services, services
from api.identity.hashes import hash_password
from api.identity.mailed_tokens import read_token, use_token
from api.identity.new_password import remember_password, require_good
from api.identity.schemas.login import AccountMailView, EmailBody, RegisterBody, VerifiedView, VerifyEmailBody
from api.identity.sessions import find_membership
from api.identity.turnstile import turnstile
from domain.cases import StepRef
from domain.customers.states import CustomerKind
from domain.people.accounts import TokenPurpose
from models.database import look_as
from models.people import Account, Customer, Membership, MembershipRole, Role
from models.tenants import Tenant
from stores.account_mail import stage_account_mail

router = APIRouter(prefix="/auth", tags=["auth"], route_class=AnsweredOnce)

Service = Annotated[Services, Depends(services)]

REGISTERED_ROLE = "client"


@router.post("/register", status_code=HTTPStatus.CREATED, dependencies=[Depends(limited(REGISTER)), Depends(turnstile)])
async def register(body: RegisterBody, service: Service) -> AccountMailView:
    """Makes an account with a customer of its own. The answer is the same when the address has an account already;
    only its mail tells."""
    require_good(body.password)
    async with service.database.transaction() as session:
        tenant_id = await session.scalar(sa.select(col(Tenant.id)).where(col(Tenant.slug) == body.tenant))
    if tenant_id is None:
        raise field_error("tenant", "unknown", "There is no tenant with this name.")
    # Also for an address that has an account: the answer takes as long.
    password_hash = await hash_password(body.password)
    async with service.database.transaction(tenant_id, login_email=body.email) as session:
        mail = await _register(session, tenant_id, body, password_hash)
    if mail:
        service.courier.send_soon(mail)
    return AccountMailView(email=body.email, detail="We have sent a mail to this address: it says how to go on.")


@router.post("/verify-email")
async def verify_email(body: VerifyEmailBody, service: Service) -> VerifiedView:
    """Confirms the address that the token was mailed to."""
    claims = read_token(service.tokens, body.token, TokenPurpose.VERIFY_EMAIL)
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await use_token(session, claims)
        email = await session.scalar(
            sa.update(Account)
            .where(col(Account.id) == claims.account_id)
            .values(email_verified_at=sa.func.coalesce(col(Account.email_verified_at), sa.func.now()))
            .returning(col(Account.email))
            .execution_options(synchronize_session=False)
        )
        await audit_account(session, claims.tenant_id, claims.account_id, "email.verified")
    return VerifiedView(email=str(email), email_verified=True)


@router.post("/resend-verification", status_code=HTTPStatus.ACCEPTED, dependencies=[Depends(limited(RESEND))])
async def resend_verification(body: EmailBody, service: Service) -> AccountMailView:
    """Mails another token to an address that has yet to be confirmed; the answer is the same for every address."""
    mail = None
    async with service.database.transaction(login_email=body.email) as session:
        account = await session.scalar(sa.select(Account).where(col(Account.email) == body.email))
        if account and account.email_verified_at is None and account.password_hash and account.disabled_at is None:
            await look_as(session, account_id=account.id)
            if membership := await find_membership(session, account.id):
                await look_as(session, tenant_id=membership.tenant_id)
                mail = await _ask_to_verify(session, membership.tenant_id, account.id)
    if mail:
        service.courier.send_soon(mail)
    return AccountMailView(
        email=body.email, detail="If this address waits to be confirmed, we have sent it another mail."
    )


async def _register(session: AsyncSession, tenant_id: UUID, body: RegisterBody, password_hash: str) -> StepRef | None:
    account_id = await session.scalar(
        insert(Account)
        .values(id=uuid7(), email=body.email, password_hash=password_hash, full_name=body.full_name)
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(col(Account.id))
    )
    if account_id is None:
        return await _tell_owner(session, tenant_id, body.email)
    await look_as(session, account_id=account_id)
    await remember_password(session, account_id, password_hash)
    customer = Customer(tenant_id=tenant_id, kind=CustomerKind.INDIVIDUAL, name=body.full_name, email=body.email)
    session.add(customer)
    await session.flush()
    membership = Membership(tenant_id=tenant_id, account_id=account_id, customer_id=customer.id)
    session.add(membership)
    await session.flush()
    role_id = await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == REGISTERED_ROLE))
    if role_id:
        session.add(MembershipRole(tenant_id=tenant_id, membership_id=membership.id, role_id=role_id))
    mail = await _ask_to_verify(session, tenant_id, account_id)
    await audit_account(session, tenant_id, account_id, "account.registered")
    return mail


async def _tell_owner(session: AsyncSession, tenant_id: UUID, email: str) -> StepRef | None:
    account = await session.scalar(
        sa.select(Account).where(col(Account.email) == email, col(Account.disabled_at).is_(None))
    )
    if account is None:
        return None
    return await stage_account_mail(
        session,
        tenant_id=tenant_id,
        account_id=account.id,
        template="already_registered",
        correlation_id=correlation_id(),
    )


async def _ask_to_verify(session: AsyncSession, tenant_id: UUID, account_id: UUID) -> StepRef:
    return await stage_account_mail(
        session,
        tenant_id=tenant_id,
        account_id=account_id,
        template="verify_email",
        correlation_id=correlation_id(),
        purpose=TokenPurpose.VERIFY_EMAIL,
    )
