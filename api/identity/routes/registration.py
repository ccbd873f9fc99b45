"""Registering as a customer, and confirming one's e-mail address."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit_account
from api.http.answered_once import AnsweredOnce
from api.http.correlation import correlation_id
from api.http.problems import field_error
from api.http.rate_limits import REGISTER, RESEND, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.asked_mail import mail_to_address
from api.identity.hashes import hash_password
from api.identity.mailed_tokens import read_token, use_token
from api.identity.new_password import remember_password, require_good
from api.identity.schemas.login import AccountMailView, EmailBody, RegisterBody, VerifiedView, VerifyEmailBody
from api.identity.turnstile import turnstile
from domain.cases import StepRef
from domain.customers.states import CustomerKind
from domain.people.accounts import TokenPurpose
from models.database import look_as
from models.people import Account, Customer, Membership, MembershipRole, Role
from stores.account_mail import make_token, stage_account_mail
from stores.address_proof import prove_address
from stores.tenants import tenant_named

router = Router(prefix="/auth", tags=["auth"], route_class=AnsweredOnce)

Service = Annotated[Services, Depends(services)]

REGISTERED_ROLE = "client"


@router.post("/register", status_code=HTTPStatus.CREATED, dependencies=[Depends(limited(REGISTER)), Depends(turnstile)])
async def register(body: RegisterBody, service: Service) -> AccountMailView:
    """Makes an account with a customer of its own. When the address has an account already, the answer is the same;
    only the mail says so."""
    require_good(body.password)
    async with service.database.transaction() as session:
        tenant_id = await tenant_named(session, body.tenant)
    if tenant_id is None:
        raise field_error("tenant", "unknown", "There is no tenant with this name.")
    # Also for an address that has an account, so that the answer takes as long.
    password_hash = await hash_password(body.password)
    async with service.database.transaction(tenant_id, login_email=body.email) as session:
        mail = await _register(session, tenant_id, body, password_hash)
    service.courier.send_soon(mail)
    return AccountMailView(email=body.email, detail="We have sent a mail to this address: it says how to go on.")


@router.post("/verify-email")
async def verify_email(body: VerifyEmailBody, service: Service) -> VerifiedView:
    """Confirms the address that the token was mailed to."""
    claims = read_token(service.tokens, body.token, TokenPurpose.VERIFY_EMAIL)
    async with service.database.transaction(claims.tenant_id, account_id=claims.account_id) as session:
        await use_token(session, claims)
        email = await prove_address(session, claims.account_id)
        await audit_account(session, claims.tenant_id, claims.account_id, "email.verified")
    return VerifiedView(email=email, email_verified=True)


@router.post("/resend-verification", status_code=HTTPStatus.ACCEPTED, dependencies=[Depends(limited(RESEND))])
async def resend_verification(body: EmailBody, service: Service) -> AccountMailView:
    """Mails another token to an address that has yet to be confirmed; the answer is the same for every address."""
    await mail_to_address(service, body.email, "verify_email", TokenPurpose.VERIFY_EMAIL, owed=_waits_to_be_confirmed)
    return AccountMailView(
        email=body.email, detail="If this address waits to be confirmed, we have sent it another mail."
    )


def _waits_to_be_confirmed(account: Account) -> bool:
    return account.email_verified_at is None and account.password_hash is not None and account.disabled_at is None


@dataclass(frozen=True)
class _Owner:
    """Who has an address. An account that mail has made is `unclaimed` until somebody proves the address."""

    account_id: UUID
    unclaimed: bool


async def _register(session: AsyncSession, tenant_id: UUID, body: RegisterBody, password_hash: str) -> StepRef:
    owner = await _owner_of(session, tenant_id, body.email)
    # For an address that has an account a temporary one is made and rolled back, so that the answer takes as long.
    email = f"{uuid7()}@taken.invalid" if owner else body.email
    async with session.begin_nested() as making:
        made = await _make_account(session, tenant_id, body, email, password_hash)
        if owner or made is None:
            await making.rollback()
            made = None
    if made is None and owner is None:
        # Another request has just registered it.
        owner = await _owner_of(session, tenant_id, body.email)
    account_id = made or (owner.account_id if owner else UUID(int=0))
    # What was typed is kept of a new account only: whoever takes one over chooses a password with the mail.
    takes_over = made is None and owner is not None and owner.unclaimed
    purpose = TokenPurpose.RESET_PASSWORD if takes_over else TokenPurpose.VERIFY_EMAIL
    async with session.begin_nested() as giving:
        token_id = await make_token(session, tenant_id, account_id, purpose)
        if made is None and not takes_over:
            await giving.rollback()
    if made or takes_over:
        template = "take_over" if takes_over else "verify_email"
        return await _mail(session, tenant_id, account_id, template, mailed_token_id=str(token_id))
    return await _mail(session, tenant_id, account_id, "already_registered")


async def _mail(session: AsyncSession, tenant_id: UUID, account_id: UUID, template: str, **context: str) -> StepRef:
    return await stage_account_mail(
        session,
        tenant_id=tenant_id,
        account_id=account_id,
        template=template,
        correlation_id=correlation_id(),
        context=context,
    )


async def _owner_of(session: AsyncSession, tenant_id: UUID, email: str) -> _Owner | None:
    member = sa.exists().where(col(Membership.account_id) == col(Account.id), col(Membership.tenant_id) == tenant_id)
    never_used = sa.and_(
        col(Account.password_hash).is_(None),
        col(Account.email_verified_at).is_(None),
        col(Account.disabled_at).is_(None),
    )
    found = await session.execute(
        sa.select(col(Account.id), (member & never_used).label("unclaimed")).where(col(Account.email) == email)
    )
    row = found.one_or_none()
    return _Owner(row.id, row.unclaimed) if row else None


async def _make_account(
    session: AsyncSession, tenant_id: UUID, body: RegisterBody, email: str, password_hash: str
) -> UUID | None:
    """The new account; None when another request has just taken the address."""
    await look_as(session, login_email=email)
    account_id = await session.scalar(
        insert(Account)
        .values(id=uuid7(), email=email, password_hash=password_hash, full_name=body.full_name)
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(col(Account.id))
    )
    if account_id is None:
        return None
    await look_as(session, account_id=account_id)
    await remember_password(session, account_id, password_hash)
    customer = Customer(tenant_id=tenant_id, kind=CustomerKind.INDIVIDUAL, name=body.full_name, email=email)
    session.add(customer)
    await session.flush()
    membership = Membership(tenant_id=tenant_id, account_id=account_id, customer_id=customer.id)
    session.add(membership)
    await session.flush()
    role_id = await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == REGISTERED_ROLE))
    if role_id:
        session.add(MembershipRole(tenant_id=tenant_id, membership_id=membership.id, role_id=role_id))
    await audit_account(session, tenant_id, account_id, "account.registered")
    made: UUID = account_id
    return made
