"""The caller of a request and the caller's permissions: looked up once for each request, in one place."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from api.http.correlation import client_address, correlation_id
from api.http.problems import Problem
from api.http.route_names import route_name
from api.http.services import Services, services
from api.identity.tokens import AccessClaims
from domain.customers.rules import may_act
from domain.customers.states import CustomerStatus
from domain.people.accounts import PlatformRole
from domain.people.permissions import ADMIN, CLIENT, PLATFORM_ROLES, Permission
from domain.refusal import Refusal
from models.database import Database
from models.people import Account, Customer, Membership, MembershipRole, Role, RolePermission
from models.plain import Plain
from models.round_trips import Statement
from models.sessions import LoginSession
from models.tenants import Tenant
from stores.audit import record
from stores.signed_tokens import InvalidToken

_bearer = HTTPBearer(auto_error=False, description="The access token of `POST /api/v1/auth/login`.")

KNOWN_CALLER = "casewright.caller"
"""Where the scope of a request that our own pages make holds whom they have authenticated: no request from outside can
put anything there."""


@dataclass(frozen=True)
class Caller:
    """A person in a tenant. `customer_id` is set for those who speak for a customer and see only what is theirs."""

    account_id: UUID
    tenant_id: UUID
    membership_id: UUID
    customer_id: UUID | None
    roles: frozenset[str]
    permissions: frozenset[str]
    session_id: UUID
    email_verified: bool
    customer_status: CustomerStatus | None
    platform_role: PlatformRole | None
    tenant_suspended: bool

    def may(self, permission: Permission) -> bool:
        """Whether one of the caller's roles has the permission."""
        return permission in self.permissions

    def as_requester(self) -> dict[str, Any]:
        """The columns of what the caller asks for in the name of its own customer. Raises, as `own_customer`."""
        whose = {"tenant_id": self.tenant_id, "customer_id": self.own_customer()}
        return {**whose, "requester_id": self.account_id}

    def own_customer(self) -> UUID:
        """The customer that the caller speaks for. Raises a 403 problem `no_customer`."""
        if self.customer_id is None:
            raise Problem(HTTPStatus.FORBIDDEN, "no_customer", "Your account does not belong to a customer.")
        return self.customer_id


_ROLES = (
    sa.select(col(Role.key))
    .join(MembershipRole, col(MembershipRole.role_id) == col(Role.id))
    .where(col(MembershipRole.membership_id) == col(Membership.id))
    .correlate(Membership)
)
_PERMISSIONS = (
    sa.select(col(RolePermission.permission))
    .distinct()
    .join(MembershipRole, col(MembershipRole.role_id) == col(RolePermission.role_id))
    .where(col(MembershipRole.membership_id) == col(Membership.id))
    .correlate(Membership)
)


def _found(*which: sa.ColumnElement[bool]) -> Plain:
    """Who asks, whether the session is still open, and what the caller may do: one query for every request."""
    return Plain(
        sa.select(
            col(Membership.id),
            col(Membership.account_id),
            col(Membership.customer_id),
            col(Account.email_verified_at).is_not(None).label("email_verified"),
            col(Account.platform_role),
            col(Customer.status).label("customer_status"),
            col(Tenant.suspended_at).is_not(None).label("tenant_suspended"),
            col(LoginSession.id).label("session_id"),
            sa.func.array(_ROLES.scalar_subquery()).label("roles"),
            sa.func.array(_PERMISSIONS.scalar_subquery()).label("permissions"),
        )
        .join(Account, col(Account.id) == col(Membership.account_id))
        .join(LoginSession, col(LoginSession.account_id) == col(Account.id))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .join(Customer, col(Customer.id) == col(Membership.customer_id), isouter=True)
        .where(
            col(Membership.tenant_id) == sa.bindparam("tenant_id"),
            col(Account.disabled_at).is_(None),
            col(LoginSession.ended_at).is_(None),
            *which,
        )
    )


_CALLER = _found(
    col(Membership.account_id) == sa.bindparam("account_id"), col(LoginSession.id) == sa.bindparam("session_id")
)
_CALLERS = _found(col(LoginSession.id) == sa.any_(sa.bindparam("session_ids", type_=ARRAY(sa.Uuid))))


async def find_caller(database: Database, claims: AccessClaims) -> Caller | None:
    """The account's place in the tenant, None when it has none or the session has ended."""
    return (await find_caller_and(database, claims))[0]


async def find_caller_and(
    database: Database, claims: AccessClaims, *statements: Statement
) -> tuple[Caller | None, list[list[Any]]]:
    """As `find_caller`, and the rows of statements that go to the database with it, as who it is."""
    scope = {"tenant_id": claims.tenant_id, "account_id": claims.account_id}
    # Also with the account's scope: its session may have switched to another tenant, but this token is still valid
    # here.
    who = _CALLER(**scope, session_id=claims.session_id)
    found, *rows = await database.each_in_one_go(who, *statements, **scope)
    return _caller(claims, found[0]) if found else None, rows


async def find_callers(
    database: Database, tenant_id: UUID, claims: Collection[AccessClaims]
) -> dict[AccessClaims, Caller]:
    """As `find_caller`, of many in one tenant at once. Whose session has switched to another tenant is not in it."""
    session_ids = list({each.session_id for each in claims})
    rows = await database.in_one_go(_CALLERS(tenant_id=tenant_id, session_ids=session_ids), tenant_id=tenant_id)
    by_session = {(row.account_id, row.session_id): row for row in rows}
    return {
        each: _caller(each, row)
        for each in set(claims)
        if (row := by_session.get((each.account_id, each.session_id))) and each.tenant_id == tenant_id
    }


def _caller(claims: AccessClaims, row: Any) -> Caller:
    roles, permissions = frozenset(row.roles), frozenset(row.permissions)
    if "admin" in roles:
        # An administrator also has the permissions that were added after the tenant was made.
        permissions |= ADMIN
    platform_role = PlatformRole(row.platform_role) if row.platform_role else None
    if platform_role:
        permissions |= PLATFORM_ROLES[platform_role]
    if not row.email_verified:
        # Whoever registered the address may be a stranger: until it is proven, no role gives more than a customer's.
        permissions &= CLIENT
    return Caller(
        account_id=claims.account_id,
        tenant_id=claims.tenant_id,
        membership_id=row.id,
        customer_id=row.customer_id,
        roles=roles,
        permissions=permissions,
        session_id=claims.session_id,
        email_verified=row.email_verified,
        customer_status=CustomerStatus(row.customer_status) if row.customer_status else None,
        platform_role=platform_role,
        tenant_suspended=row.tenant_suspended,
    )


def unauthenticated() -> Problem:
    """401: no token, or one that is not valid."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        "Log in first: a valid access token is needed.",
        headers={"WWW-Authenticate": "Bearer"},
    )


async def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    service: Annotated[Services, Depends(services)],
) -> AsyncIterator[Caller]:
    """The caller by the request's token. Raises a 401 problem; leaves an audit entry of whatever is then forbidden."""
    caller: Caller = request.scope.get(KNOWN_CALLER) or await _by_token(credentials, service)
    request.state.caller = caller
    try:
        yield caller
    except Problem as problem:
        if problem.status == HTTPStatus.FORBIDDEN:
            await record_refusal(request, service, caller, problem)
        raise


async def _by_token(credentials: HTTPAuthorizationCredentials | None, service: Services) -> Caller:
    if credentials is None:
        raise unauthenticated()
    try:
        claims = service.tokens.read(credentials.credentials)
    except InvalidToken:
        raise unauthenticated() from None
    caller = await find_caller(service.database, claims)
    if caller is None:
        raise unauthenticated()
    return caller


async def record_refusal(request: Request, service: Services, caller: Caller, problem: Problem) -> None:
    """Leaves an audit entry of what was forbidden, in a transaction of its own: that of the refused request has been
    rolled back."""
    detail = {"method": request.method, "route": route_name(request.scope), "code": problem.code}
    if problem.permission:
        detail["permission"] = problem.permission
    async with service.database.transaction(caller.tenant_id) as session:
        await record(
            session,
            caller.tenant_id,
            caller.account_id,
            "permission.refused",
            detail=detail,
            correlation_id=correlation_id(),
            address=client_address(),
        )


SignedIn = Annotated[Caller, Depends(authenticated)]


def needs(permission: Permission, *, even_suspended: bool = False) -> Callable[..., Awaitable[Caller]]:
    """A dependency that gives the caller, or answers 401 or 403. Every route but the public ones and those of one's own
    account declares one.

    Whose tenant is suspended does nothing there. Whoever has not confirmed the e-mail address, or speaks for a customer
    that is suspended, reads and changes nothing; `even_suspended` is for what leads out of a suspension.
    """

    async def allowed(caller: SignedIn) -> Caller:
        if caller.tenant_suspended:
            raise Problem(HTTPStatus.FORBIDDEN, "tenant_suspended", "This organisation is suspended.")
        if not caller.may(permission):
            raise Problem(
                HTTPStatus.FORBIDDEN, "forbidden", f"This needs the permission {permission}.", permission=permission
            )
        if not permission.reads:
            _require_standing(caller, even_suspended=even_suspended)
        return caller

    return allowed


def _require_standing(caller: Caller, *, even_suspended: bool) -> None:
    if not caller.email_verified:
        raise Problem(HTTPStatus.FORBIDDEN, "email_unverified", "Confirm your e-mail address first.")
    if even_suspended and caller.customer_status is CustomerStatus.SUSPENDED:
        return
    try:
        may_act(caller.customer_status)
    except Refusal as refusal:
        raise Problem(HTTPStatus.FORBIDDEN, refusal.code, refusal.sentence) from None
