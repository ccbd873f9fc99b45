"""One's own account."""

from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit_account
from api.http.client_address import DeviceDep
from api.http.correlation import correlation_id
from api.http.problems import conflict, field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, SignedIn
from api.identity.hashes import hash_password
from api.identity.new_password import require_good, require_new, set_password, shows_password
from api.identity.schemas.login import ChangePasswordBody
from api.identity.schemas.me import EditMeBody, MembershipView, MeView, OwnCustomerView, OwnTenantView, OwnUserView
from api.identity.turnstile import turnstile
from domain.people.accounts import SessionEnd
from models.people import Account, Customer, Membership
from models.sessions import LoginSession
from models.tenants import Tenant
from stores.account_mail import stage_account_mail
from stores.sessions import end_sessions

router = Router(prefix="/me", tags=["me"])

Service = Annotated[Services, Depends(services)]


@router.get("")
async def get_me(caller: SignedIn, service: Service) -> MeView:
    """The caller, the tenant, and what the caller may do there."""
    async with service.database.transaction(caller.tenant_id, account_id=caller.account_id) as session:
        return await _me(session, caller)


@router.patch("")
async def edit_me(body: EditMeBody, caller: SignedIn, service: Service) -> MeView:
    """Changes one's own name, language, or how the pages look and are used."""
    given = body.model_dump(exclude_unset=True)
    if given.get("full_name", ...) is None:
        raise field_error("full_name", "missing", "A name cannot be taken away.")
    async with service.database.transaction(caller.tenant_id, account_id=caller.account_id) as session:
        account = await session.get_one(Account, caller.account_id)
        for name, value in given.items():
            setattr(account, name, value)
        await session.flush()
        if given:
            detail = {"fields": sorted(given)}
            await audit_account(session, caller.tenant_id, caller.account_id, "account.edited", detail)
        return await _me(session, caller)


@router.put("/password", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(turnstile)])
async def change_password(body: ChangePasswordBody, device: DeviceDep, caller: SignedIn, service: Service) -> None:
    """Changes one's own password: the current one is needed. Every other session of the account ends."""
    async with service.database.transaction(account_id=caller.account_id) as session:
        account = await session.get_one(Account, caller.account_id)
    # Guesses count here too: a stolen access token must not be a way to guess the password.
    if not await shows_password(service, account, body.current_password, device):
        raise field_error("current_password", "password_wrong", "This is not your current password.")
    require_good(body.password)
    await require_new(service.database, caller.account_id, body.password)
    password_hash = await hash_password(body.password)
    async with service.database.transaction(caller.tenant_id, account_id=caller.account_id) as session:
        if not await set_password(session, caller.account_id, password_hash, instead_of=account.password_hash):
            raise conflict("password_changed", "Your password was changed at the same moment: log in again.")
        await end_sessions(
            session,
            SessionEnd.PASSWORD,
            col(LoginSession.account_id) == caller.account_id,
            col(LoginSession.id) != caller.session_id,
        )
        mail = await stage_account_mail(
            session,
            tenant_id=caller.tenant_id,
            account_id=caller.account_id,
            template="password_changed",
            correlation_id=correlation_id(),
        )
        await audit_account(session, caller.tenant_id, caller.account_id, "password.changed")
    service.courier.send_soon(mail)


async def _me(session: AsyncSession, caller: Caller) -> MeView:
    account = await session.get_one(Account, caller.account_id)
    tenant = await session.get_one(Tenant, caller.tenant_id)
    customer = await session.get(Customer, caller.customer_id) if caller.customer_id else None
    rows = await session.execute(
        sa.select(Membership, col(Tenant.slug), col(Tenant.name))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .where(col(Membership.account_id) == caller.account_id)
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    memberships = [(membership, slug, name) for membership, slug, name in rows]
    return MeView(
        user=OwnUserView(
            id=account.id,
            email=account.email,
            full_name=account.full_name,
            locale=account.locale,
            timezone=account.timezone,
            theme=account.theme,
            density=account.density,
            single_keys=account.single_keys,
            email_verified=account.email_verified_at is not None,
            platform_role=account.platform_role,
            away=any(membership.away for membership, _, _ in memberships if membership.id == caller.membership_id),
        ),
        tenant=OwnTenantView.model_validate(tenant),
        customer=OwnCustomerView.model_validate(customer) if customer else None,
        roles=sorted(caller.roles),
        permissions=sorted(caller.permissions),
        memberships=[
            MembershipView(
                tenant=slug,
                name=name,
                customer_id=membership.customer_id,
                active=membership.id == caller.membership_id,
            )
            for membership, slug, name in memberships
        ],
        entitlements=tenant.settings.get("entitlements", {}),
        flags=tenant.settings.get("flags", {}),
    )
