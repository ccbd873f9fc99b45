"""Who is asking, and what they may do: looked up once for each request, in one place."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.audit import record
from api.correlation import client_address, correlation_id
from api.problems import Problem
from api.route_names import route_name
from api.services import Services, services
from api.tokens import InvalidToken
from domain.permissions import Permission
from models.people import Account, Membership, MembershipRole, Role, RolePermission

_bearer = HTTPBearer(auto_error=False, description="The access token of `POST /api/v1/auth/login`.")


@dataclass(frozen=True)
class Caller:
    """A person in a tenant. `customer_id` is set for those who speak for a customer and see only what is theirs."""

    account_id: UUID
    tenant_id: UUID
    membership_id: UUID
    customer_id: UUID | None
    roles: frozenset[str]
    permissions: frozenset[str]

    def may(self, permission: Permission) -> bool:
        """Whether one of the caller's roles has the permission."""
        return permission in self.permissions


_CALLER = (
    sa.select(
        col(Membership.id),
        col(Membership.customer_id),
        sa.func.array_agg(sa.distinct(col(Role.key))).label("roles"),
        sa.func.array_agg(sa.distinct(col(RolePermission.permission))).label("permissions"),
    )
    .join(Account, col(Account.id) == col(Membership.account_id))
    .join(MembershipRole, col(MembershipRole.membership_id) == col(Membership.id))
    .join(Role, col(Role.id) == col(MembershipRole.role_id))
    .join(RolePermission, col(RolePermission.role_id) == col(Role.id))
    .where(
        col(Membership.tenant_id) == sa.bindparam("tenant_id"),
        col(Membership.account_id) == sa.bindparam("account_id"),
        col(Account.disabled_at).is_(None),
    )
    .group_by(col(Membership.id), col(Membership.customer_id))
)


async def find_caller(session: AsyncSession, account_id: UUID, tenant_id: UUID) -> Caller | None:
    """The account's place in the tenant, None when it has none."""
    row = (await session.execute(_CALLER, {"tenant_id": tenant_id, "account_id": account_id})).one_or_none()
    if row is None:
        return None
    return Caller(account_id, tenant_id, row.id, row.customer_id, frozenset(row.roles), frozenset(row.permissions))


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
    if credentials is None:
        raise unauthenticated()
    try:
        claims = service.tokens.read(credentials.credentials)
    except InvalidToken:
        raise unauthenticated() from None
    async with service.database.transaction(claims.tenant_id) as session:
        caller = await find_caller(session, claims.account_id, claims.tenant_id)
    if caller is None:
        raise unauthenticated()
    request.state.caller = caller
    try:
        yield caller
    except Problem as problem:
        if problem.status == HTTPStatus.FORBIDDEN:
            await _record_refusal(request, service, caller, problem)
        raise


async def _record_refusal(request: Request, service: Services, caller: Caller, problem: Problem) -> None:
    """In a transaction of its own: the one of what was refused has been rolled back."""
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


def needs(permission: Permission) -> Callable[..., Awaitable[Caller]]:
    """A dependency that gives the caller, or answers 401 or 403. Every route but the public ones declares one."""

    async def allowed(caller: Annotated[Caller, Depends(authenticated)]) -> Caller:
        if not caller.may(permission):
            raise Problem(
                HTTPStatus.FORBIDDEN, "forbidden", f"This needs the permission {permission}.", permission=permission
            )
        return caller

    return allowed
