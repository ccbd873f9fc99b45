"""Logging in, and what keeps a login alive."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit_account, audit_login, audit_refused_login
from api.http.client_address import Device, DeviceDep
from api.http.openapi import problems
from api.http.problems import Problem, not_found
from api.http.rate_limits import LOGIN, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import SignedIn, unauthenticated
from api.identity.hashes import verify_password
from api.identity.lockouts import blame_address, email_digest, forgive, may_guess
from api.identity.renewal import refresh
from api.identity.schemas.login import AccessView, LoginBody, RefreshBody, SessionView, SwitchTenantBody, TokenView
from api.identity.sessions import Refused, begin_session, find_membership
from api.identity.tokens import AccessClaims
from api.identity.turnstile import turnstile
from domain.people.accounts import LoginOutcome, SessionEnd
from models.database import look_as
from models.people import Account
from models.sessions import LoginAttempt, LoginSession
from models.tenants import Tenant
from stores.sessions import end_sessions

router = Router(prefix="/auth", tags=["auth"])

Service = Annotated[Services, Depends(services)]


@router.post(
    "/login",
    dependencies=[Depends(limited(LOGIN)), Depends(turnstile)],
    responses=problems(HTTPStatus.UNAUTHORIZED),
)
async def login(body: LoginBody, device: DeviceDep, service: Service) -> TokenView:
    """Gives tokens for the account in one of its tenants: the one named, else its first.

    401 `login_refused` in every other case. After several failures in a row even the right password is refused, for
    half an hour.
    """
    async with service.database.transaction(login_email=body.email) as session:
        account = await session.scalar(
            sa.select(Account).where(col(Account.email) == body.email, col(Account.disabled_at).is_(None))
        )
        locked = not await may_guess(session, service.settings, body.email, device)
    valid, better_hash = False, None
    if not locked:
        valid, better_hash = await verify_password(body.password, account.password_hash if account else None)
    if valid and account:
        async with service.database.transaction(account_id=account.id) as session:
            tokens = await _enter(session, service, account, body, device)
            if tokens:
                await _log(session, body.email, device, LoginOutcome.SUCCESS, account.id)
        if tokens:
            if better_hash:
                await _store_better_hash(service, account, better_hash)
            await audit_login(service, service.tokens.read(tokens.access_token).tenant_id, account.id)
            return tokens
    account_id = account.id if account else None
    async with service.database.transaction(account_id=account_id) as session:
        if not locked:
            await blame_address(session, service.settings, device)
        outcome = LoginOutcome.LOCKED if locked else LoginOutcome.REFUSED
        await _log(session, body.email, device, outcome, account_id)
        await audit_refused_login(session, account_id, body.tenant, _why_not(locked, account, valid))
    raise _refused()


@router.post("/refresh", responses=problems(HTTPStatus.UNAUTHORIZED))
async def renew_session(body: RefreshBody, service: Service) -> TokenView:
    """Exchanges the refresh token for new tokens. A second use of one ends its session, and its owner is told."""
    try:
        return await refresh(service, body.refresh_token)
    except Refused:
        raise _not_refreshed() from None


@router.post("/switch-tenant")
async def switch_tenant(body: SwitchTenantBody, caller: SignedIn, service: Service) -> AccessView:
    """Takes the session to another tenant that the account belongs to; its refresh token goes on there."""
    async with service.database.transaction(account_id=caller.account_id) as session:
        membership = await find_membership(session, caller.account_id, body.tenant)
        if membership is None:
            raise not_found("tenant")
        expires_at = await session.scalar(
            sa.update(LoginSession)
            .where(col(LoginSession.id) == caller.session_id, col(LoginSession.ended_at).is_(None))
            .values(tenant_id=membership.tenant_id)
            .returning(col(LoginSession.expires_at))
            .execution_options(synchronize_session=False)
        )
        if expires_at is None:
            raise unauthenticated()
        await look_as(session, tenant_id=membership.tenant_id)
        await audit_account(session, membership.tenant_id, caller.account_id, "login.switched")
    claims = AccessClaims(caller.account_id, membership.tenant_id, caller.session_id)
    token, seconds = service.tokens.issue(claims, within=expires_at)
    return AccessView(access_token=token, expires_in=seconds, tenant=body.tenant)


@router.get("/sessions")
async def list_sessions(caller: SignedIn, service: Service) -> list[SessionView]:
    """The logins of one's own account that last, newest first."""
    async with service.database.transaction(account_id=caller.account_id) as session:
        rows = await session.execute(
            sa.select(LoginSession, col(Tenant.slug))
            .join(Tenant, col(Tenant.id) == col(LoginSession.tenant_id))
            .where(
                col(LoginSession.account_id) == caller.account_id,
                col(LoginSession.ended_at).is_(None),
                col(LoginSession.expires_at) > sa.func.now(),
            )
            .order_by(col(LoginSession.created_at).desc(), col(LoginSession.id).desc())
        )
        return [SessionView(**row.model_dump(), tenant=slug, current=row.id == caller.session_id) for row, slug in rows]


@router.delete("/sessions", status_code=HTTPStatus.NO_CONTENT)
async def end_other_sessions(caller: SignedIn, service: Service) -> None:
    """Ends all of the own account's sessions but this one."""
    others = (col(LoginSession.account_id) == caller.account_id, col(LoginSession.id) != caller.session_id)
    async with service.database.transaction(caller.tenant_id, account_id=caller.account_id) as session:
        if await end_sessions(session, SessionEnd.LOGOUT, *others):
            await audit_account(session, caller.tenant_id, caller.account_id, "account.logged_out_elsewhere")


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_session(session_id: UUID, caller: SignedIn, service: Service) -> None:
    """Ends one of the own account's sessions."""
    this_one = (col(LoginSession.account_id) == caller.account_id, col(LoginSession.id) == session_id)
    async with service.database.transaction(account_id=caller.account_id) as session:
        if not await end_sessions(session, SessionEnd.LOGOUT, *this_one):
            raise not_found("session")


async def _enter(
    session: AsyncSession, service: Services, account: Account, body: LoginBody, device: Device
) -> TokenView | None:
    # Locked, so that a change of password at the same moment either ends this session too or is noticed here.
    current = await session.scalar(
        sa.select(col(Account.password_hash)).where(col(Account.id) == account.id).with_for_update(read=True)
    )
    if current != account.password_hash:
        return None
    membership = await find_membership(session, account.id, body.tenant)
    if membership is None:
        return None
    await forgive(session, body.email)
    return await begin_session(session, service.tokens, account.id, membership.tenant_id, device)


async def _store_better_hash(service: Services, account: Account, better_hash: str) -> None:
    async with service.database.transaction(account_id=account.id) as session:
        await session.execute(
            sa.update(Account)
            .where(col(Account.id) == account.id, col(Account.password_hash) == account.password_hash)
            .values(password_hash=better_hash)
        )


async def _log(
    session: AsyncSession, email: str, device: Device, outcome: LoginOutcome, account_id: UUID | None
) -> None:
    attempt = LoginAttempt(
        account_id=account_id,
        email_digest=email_digest(email),
        address=device.address,
        user_agent=device.user_agent,
        outcome=outcome,
    )
    # Past the ORM, which reads back what it inserts: row-level security forbids that for an address without an account.
    await session.execute(sa.insert(LoginAttempt).values(attempt.model_dump(exclude={"created_at"})))


def _why_not(locked: bool, account: Account | None, valid: bool) -> str:
    if locked:
        return "locked"
    if account is None:
        return "unknown_account"
    return "no_membership" if valid else "wrong_password"


def _refused() -> Problem:
    # The same answer for every cause, so that nobody learns which addresses have an account.
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "login_refused",
        "E-mail, password or tenant are not right, or there were too many failures: then try again in half an hour.",
    )


def _not_refreshed() -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "refresh_refused", "This refresh token is not valid: log in again.")
